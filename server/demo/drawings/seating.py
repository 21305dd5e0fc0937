"""Диваны, кресла, столы и стулья."""
from .base import *


def round_leg(x, y, color, lean=0, height=STAND, width=16):
    return poly([(x - width / 2, y), (x + width / 2, y), (x + width * 0.3 + lean, height), (x - width * 0.3 + lean, height)], color)


def cushion(x, y, w, h, color, r=26):
    return [rect(x, y, w, h, color, r), rect(x, y + h * 0.62, w, h * 0.38, shade(color, 0.14), r, opacity=0.35),
            stroke(f"M{x + r} {y + 7} H{x + w - r}", tint(color, 0.3), 4, opacity=0.6)]


def pillow(cx, cy, size, color, angle=0):
    s = size / 2
    d = f"M{-s} {-s} Q0 {-s * .84} {s} {-s} Q{s * .84} 0 {s} {s} Q0 {s * .84} {-s} {s} Q{-s * .84} 0 {-s} {-s} Z"
    return group([path(d, color), stroke(f"M{-s * .5} {-s * .5} L{s * .5} {s * .5} M{s * .5} {-s * .5} L{-s * .5} {s * .5}", shade(color, 0.12), 3, opacity=0.5)],
                 f"translate({cx} {cy}) rotate({angle})")


def sofa(color, seats=3, accent="#d9a441", leg=OAK_DARK, plump=36):
    x, w = (130, 640) if seats == 3 else (190, 520)
    out = [shadow(450, 776, w * 0.53, 16)]
    out += [round_leg(x + 70, 716, leg, -10), round_leg(x + w - 70, 716, leg, 10), round_leg(450, 716, leg)]
    out += [rect(x + 30, 430, w - 60, 250, shade(color, 0.1), plump + 8)]
    step = (w - 130) / seats
    for i in range(seats):
        out += cushion(x + 65 + i * step + 2, 448, step - 4, 170, color, plump)
    for i in range(seats):
        out += cushion(x + 62 + i * step + 2, 592, step - 2, 84, tint(color, 0.1), 24)
    out += [rect(x + 40, 664, w - 80, 60, shade(color, 0.12), 18)]
    for ax in (x, x + w - 84):
        out += [rect(ax, 524, 84, 204, color, 38), rect(ax, 640, 84, 88, shade(color, 0.16), 38, opacity=0.4), stroke(f"M{ax + 26} 534 q16 -6 32 0", tint(color, 0.35), 5, opacity=0.7)]
    return out + [pillow(x + 136, 560, 104, accent, -9), pillow(x + w - 140, 562, 96, tint(color, 0.55), 10)]


def corner_sofa(color, accent):
    out = [shadow(470, 812, 390, 18)]
    out += [round_leg(x, 716, OAK_DARK, 0, y) for x, y in ((120, 770), (500, 770), (620, 806), (800, 806))]
    out += [rect(96, 420, 710, 240, shade(color, 0.1), 40)]
    for i in range(3):
        out += cushion(150 + i * 200, 436, 196, 176, color, 36)
    out += cushion(150, 588, 204, 84, tint(color, 0.1), 24) + cushion(354, 588, 204, 84, tint(color, 0.1), 24)
    out += [rect(110, 664, 480, 60, shade(color, 0.12), 18)]
    out += [rect(556, 596, 250, 170, tint(color, 0.1), 34), rect(556, 690, 250, 76, shade(color, 0.16), 30), stroke("M590 606 H770", tint(color, 0.35), 5, opacity=0.7)]
    out += [rect(82, 516, 84, 212, color, 38), rect(82, 640, 84, 88, shade(color, 0.16), 38, opacity=0.4)]
    return out + [pillow(222, 556, 104, accent, -8), pillow(318, 566, 90, tint(color, 0.5), 7), pillow(720, 540, 108, accent, 12)]


def sofa_bed(color, accent):
    out = [shadow(450, 776, 350, 15)] + [round_leg(190, 720, WALNUT, -8), round_leg(710, 720, WALNUT, 8)]
    out += [rect(140, 470, 620, 190, color, 30), rect(140, 560, 620, 100, shade(color, 0.14), 30, opacity=0.35)]
    out += [line(x, 486, x, 606, shade(color, 0.14), 3) for x in (244, 347, 450, 553, 656)]
    out += [rect(120, 596, 660, 96, tint(color, 0.08), 26), line(150, 650, 750, 650, shade(color, 0.16), 3), rect(130, 684, 640, 44, OAK, 8), rect(130, 716, 640, 12, OAK_DARK, 6)]
    out += [path("M520 596 h210 v66 q-30 14 -60 0 t-60 2 t-90 -4 Z", accent), line(528, 626, 722, 628, tint(accent, 0.4), 4), line(528, 644, 722, 646, tint(accent, 0.4), 4)]
    return out + [pillow(220, 540, 110, accent, -6), pillow(322, 548, 96, tint(color, 0.55), 6)]


def lounge(color, leg=OAK):
    """Кресло-«лодка»: гнутая рама, подлокотники плывут над мягким сиденьем."""
    out = [shadow(450, 778, 230, 15), round_leg(352, 620, shade(leg, 0.25), -10, 750, 18), round_leg(548, 620, shade(leg, 0.25), 10, 750, 18)]
    out += [path("M318 330 q4 -62 66 -66 h132 q62 4 66 66 l20 236 H298 Z", color), path("M306 500 H594 l6 80 H300 Z", shade(color, 0.16)), stroke("M352 284 q98 -22 196 0", tint(color, 0.35), 6, opacity=0.7)]
    out += [stroke(f"M{x} 300 q{d} 100 {d * 1.5:.0f} 200", shade(color, 0.13), 4) for x, d in ((402, -10), (450, 0), (498, 10))]
    out += [path("M282 556 q10 -26 46 -26 h244 q36 0 46 26 l8 46 q0 24 -34 26 H308 q-34 -2 -34 -26 Z", tint(color, 0.08)), path("M276 592 h348 l2 12 q0 22 -34 24 H308 q-34 -2 -34 -24 Z", shade(color, 0.2), opacity=0.7), stroke("M326 544 h248", tint(color, 0.4), 5, opacity=0.7)]
    for x, s in ((0, 1), (900, -1)):
        out += [group([stroke("M262 470 L232 772 M262 470 L300 640", leg, 18), path("M214 452 q10 -18 44 -18 l76 10 q14 4 10 16 q-4 10 -20 10 l-94 -2 q-18 -2 -16 -16 Z", leg), stroke("M228 466 h96", shade(leg, 0.2), 4)], f"translate({x} 0) scale({s} 1)")]
    return out + [stroke("M296 640 H604", leg, 16)]


def wing_chair(color, leg=WALNUT):
    out = [shadow(450, 778, 220, 15), round_leg(330, 710, leg, -12), round_leg(570, 710, leg, 12)]
    out += [path("M292 300 q0 -92 158 -92 t158 92 l14 250 H278 Z", color), path("M292 300 q-34 40 -26 150 l16 110 h58 l-8 -240 q-20 -34 -40 -20 Z", shade(color, 0.1)),
            path("M608 300 q34 40 26 150 l-16 110 h-58 l8 -240 q20 -34 40 -20 Z", shade(color, 0.18))]
    out += [circle(x, y, 6, shade(color, 0.25)) for x, y in ((398, 300), (450, 290), (502, 300), (424, 362), (476, 362), (398, 424), (450, 430), (502, 424))]
    out += [rect(318, 530, 264, 80, shade(color, 0.16))] + cushion(318, 556, 264, 84, tint(color, 0.1), 28)
    out += [rect(262, 520, 76, 196, color, 34), rect(562, 520, 76, 196, shade(color, 0.08), 34), rect(318, 632, 264, 84, shade(color, 0.12), 14)]
    return out + [stroke("M284 532 q16 -6 32 0 M584 532 q16 -6 32 0", tint(color, 0.35), 5, opacity=0.7)]


def pouf(color):
    out = [shadow(450, 776, 190, 15), poly([(290, 540), (450, 594), (450, 772), (290, 712)], color), poly([(610, 540), (450, 594), (450, 772), (610, 712)], shade(color, 0.14)),
           poly([(290, 540), (450, 490), (610, 540), (450, 594)], tint(color, 0.18))]
    out += [stroke("M290 540 L450 594 L610 540 M450 594 V770", shade(color, 0.25), 4, stroke_dasharray="2 11"), stroke("M436 486 q14 -18 28 0", shade(color, 0.3), 8)]
    return out


def round_table(top=OAK, base=OAK_DARK):
    out = [shadow(450, 780, 190, 14), path("M424 520 h52 l22 200 q60 14 84 48 H318 q24 -34 84 -48 Z", base), path("M450 520 h26 l22 200 q60 14 84 48 H450 Z", "#231a10", opacity=0.12)]
    out += [ellipse(450, 526, 316, 52, shade(top, 0.22)), ellipse(450, 508, 316, 52, top), stroke("M190 506 q130 -34 260 -34 t260 30 M240 524 q110 20 210 20 t190 -18", shade(top, 0.1), 3, opacity=0.6)]
    out += [ellipse(450, 500, 66, 13, shade(top, 0.16)), path("M416 490 q-10 -60 34 -62 q44 2 34 62 q-34 16 -68 0 Z", "#e9e2d4")]
    out += [stroke("M446 432 c-8 -70 -44 -104 -60 -150 M452 432 c2 -80 16 -120 24 -176 M456 432 c14 -60 44 -84 70 -106", "#7b8f6d", 5)]
    out += [ellipse(x, y, rx, ry, c) for x, y, rx, ry, c in ((384, 276, 17, 26, "#a9bf9a"), (410, 330, 22, 13, "#b9cba9"), (477, 250, 16, 28, "#8fa983"), (528, 322, 26, 14, "#a9bf9a"), (490, 340, 14, 22, "#9bb48e"))]
    return out + [ellipse(310, 506, 52, 11, WHITE), ellipse(590, 504, 52, 11, WHITE)]


def long_table(top=WALNUT, leg=WALNUT_DARK):
    out = [shadow(450, 778, 360, 15)] + [poly([(x, 540), (x + 46, 540), (x + 34 + d, STAND), (x + 10 + d, STAND)], leg) for x, d in ((140, -16), (714, 18))]
    out += [rect(150, 536, 600, 40, leg, 4), rect(92, 500, 716, 38, top, 8), rect(92, 528, 716, 10, shade(top, 0.3), 4), line(450, 502, 450, 526, shade(top, 0.35), 3)]
    out += [stroke("M120 512 q100 -8 180 0 t200 -2 t270 4", shade(top, 0.14), 3, opacity=0.6)]
    out += [path("M180 500 a60 40 0 0 0 120 0 Z", "#d9c7a6", transform="translate(0 -38)"), rect(206, 490, 68, 10, "#c9b590", 4), circle(222, 456, 18, "#c4694a"), circle(256, 454, 19, "#d9a441"), circle(240, 444, 15, "#8ba36f")]
    out += [path("M566 500 h52 l8 -84 q-34 -16 -68 0 Z", "#cfdccf"), stroke("M590 420 c-6 -60 -28 -80 -40 -110 M594 420 c6 -70 14 -90 22 -130", "#8a7a55", 4), circle(548, 306, 13, "#e3b23c"), circle(617, 286, 14, "#d9a441"), circle(574, 350, 9, "#e8c66c")]
    return out + [rect(666, 470, 50, 30, WHITE, 8), stroke("M716 478 q16 3 0 16", WHITE, 5)]


def desk(top=OAK, leg=GRAPHITE):
    out = [shadow(450, 778, 310, 14), stroke("M196 560 L172 766 M704 560 L728 766 M210 640 H690", leg, 12), rect(440, 548, 250, 76, shade(top, 0.14), 5)]
    out += [rect(446, 552, 118, 66, top, 4), rect(568, 552, 118, 66, top, 4), circle(505, 586, 7, BRASS), circle(627, 586, 7, BRASS), rect(150, 520, 600, 32, top, 6), rect(150, 543, 600, 9, shade(top, 0.25), 4)]
    out += [rect(300, 372, 210, 136, INK, 8), rect(310, 382, 190, 112, "#93aeb0", 4), path("M310 460 q50 -40 96 -12 q44 -40 94 -6 V494 H310 Z", "#6f908c"), poly([(276, 520), (534, 520), (514, 506), (296, 506)], STONE)]
    out += [rect(580, 508, 110, 12, "#c4694a", 2), rect(588, 496, 98, 12, "#e4dccb", 2), rect(596, 430, 44, 66, "#d9a441", 6), line(610, 430, 604, 390, "#34495e", 6), line(626, 430, 632, 380, "#8a5a44", 6)]
    return out + [stroke("M196 518 v-150 q0 -20 20 -26 l44 -18", GRAPHITE, 9), path("M238 316 l58 -22 q22 34 10 64 q-40 -4 -68 -42 Z", "#c98d2f"), rect(166, 508, 60, 12, GRAPHITE, 5)]


def coffee_table(top="#b9c9bf", leg=OAK):
    out = [shadow(440, 776, 260, 14)] + [round_leg(x, 620, leg, d, STAND, 22) for x, d in ((270, -26), (452, 4), (630, 26))]
    out += [path("M180 610 q10 -62 190 -62 q120 0 214 -10 q130 -4 136 60 q4 58 -200 66 q-340 10 -340 -54 Z", shade(top, 0.25)),
            path("M180 596 q10 -62 190 -62 q120 0 214 -10 q130 -4 136 60 q4 58 -200 66 q-340 10 -340 -54 Z", top), stroke("M220 590 q20 -34 160 -36", tint(top, 0.5), 6, opacity=0.7)]
    out += [rect(300, 568, 130, 14, "#34495e", 2), rect(310, 554, 112, 14, "#d9a441", 2), rect(304, 540, 120, 14, "#e4dccb", 2)]
    return out + [path("M536 584 q-34 -20 -22 -76 q6 -26 40 -26 t40 26 q12 56 -22 76 Z", "#d79d84"), stroke("M552 484 c-10 -60 -30 -80 -50 -110 M556 484 c4 -70 20 -100 30 -140", "#8a7a55", 4), circle(500, 368, 13, "#e9d3c4"), circle(588, 338, 15, "#e9d3c4"), circle(536, 424, 10, "#f1e2d8")]


def chair(seat, frame=OAK, back="rounded"):
    out = [shadow(450, 778, 170, 13)]
    out += [round_leg(372, 560, shade(frame, 0.2), -14, 756, 18), round_leg(528, 560, shade(frame, 0.2), 14, 756, 18)]
    out += [stroke("M362 566 L346 300 M538 566 L554 300", frame, 18)]
    if back == "rounded":
        out += [path("M330 250 q120 -40 240 0 q14 90 -12 130 q-108 26 -216 0 q-26 -40 -12 -130 Z", seat), path("M336 340 q114 28 228 0 q-2 24 -6 40 q-108 26 -216 0 q-6 -18 -6 -40 Z", shade(seat, 0.14), opacity=0.6), stroke("M352 258 q98 -24 196 0", tint(seat, 0.4), 5, opacity=0.7)]
    else:
        out += [stroke("M352 480 V300 q0 -92 98 -92 t98 92 V480", frame, 18), stroke("M398 540 V330 q0 -56 52 -56 t52 56 V540", shade(frame, 0.1), 12)]
    out += [path("M316 548 q134 -34 268 0 l14 44 q-148 36 -296 0 Z", seat), path("M302 592 q148 36 296 0 l-4 18 q-144 34 -288 0 Z", shade(seat, 0.25))]
    out += [round_leg(334, 604, frame, -18, STAND + 8, 20), round_leg(566, 604, frame, 18, STAND + 8, 20)]
    return out + ([stroke("M328 690 H572", shade(frame, 0.1), 9)] if back != "rounded" else [])


def bar_stool(seat, frame=INK):
    out = [shadow(450, 780, 130, 12), stroke("M394 420 L346 774 M506 420 L554 774 M420 420 L404 760 M480 420 L496 760", frame, 10), stroke("M366 640 H534", BRASS, 9)]
    out += [path("M346 300 q104 -30 208 0 l10 84 q-114 26 -228 0 Z", seat), path("M340 360 q110 24 220 0 l4 24 q-114 26 -228 0 Z", shade(seat, 0.18), opacity=0.7)]
    return out + [stroke("M372 384 V420 M528 384 V420", frame, 10), path("M340 408 q110 -22 220 0 l8 30 q-118 24 -236 0 Z", tint(seat, 0.1)), path("M332 438 q118 24 236 0 l-3 14 q-115 22 -230 0 Z", shade(seat, 0.25))]
