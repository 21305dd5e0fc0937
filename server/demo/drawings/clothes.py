"""Одежда на вешалке или развёрнутая: силуэты узнаются без подписи."""
from .base import *


def hanger(y=170, width=170):
    return [stroke(f"M450 {y} v-22 q0 -14 14 -18 q20 -8 18 -30 q-6 -24 -30 -24 q-22 2 -24 24", "#9a8a70", 7),
            stroke(f"M450 {y} L{450 - width} {y + 74} M450 {y} L{450 + width} {y + 74}", OAK_DARK, 14)]


def stitches(d, color):
    return stroke(d, shade(color, 0.22), 3, stroke_dasharray="8 8", opacity=0.7)


def folds(lines, color):
    return [stroke(d, shade(color, 0.16), 5, opacity=0.55) for d in lines]


def sleeves(color, length, flare=0):
    """Два рукава от плеча вниз; length — низ рукава по y."""
    left = f"M300 250 C250 280 214 380 {190 - flare} {length} l{92 + flare} 18 C296 {length - 90} 312 420 330 380 Z"
    right = f"M600 250 C650 280 686 380 {710 + flare} {length} l{-92 - flare} 18 C604 {length - 90} 588 420 570 380 Z"
    return [path(left, shade(color, 0.07)), path(right, shade(color, 0.12))]


def tee(color, print_color):
    out = hanger(170, 150) + [path("M316 232 L158 330 L214 468 L320 412 Z", shade(color, 0.07)), path("M584 232 L742 330 L686 468 L580 412 Z", shade(color, 0.12))]
    out += [path("M352 212 q98 62 196 0 l64 30 q-20 130 -14 270 l8 236 q-156 26 -312 0 l8 -236 q6 -140 -14 -270 Z", color), stroke("M352 214 q98 70 196 0", shade(color, 0.2), 13)]
    out += [circle(450, 446, 84, print_color), path("M366 446 q84 -56 168 0 a84 84 0 0 1 -168 0 Z", shade(print_color, 0.2)), circle(482, 410, 15, color)]
    return out + [stitches("M302 734 q148 22 296 0", color), stitches("M176 342 L222 452 M724 342 L678 452", color)] + folds(["M330 620 q18 60 6 112", "M572 590 q-16 80 -2 140"], color)


def hoodie(color):
    out = sleeves(color, 690, 6)
    out += [path("M340 246 q110 50 220 0 l52 22 q-18 140 -10 260 l8 208 q-160 24 -320 0 l8 -208 q8 -120 -10 -260 Z", color)]
    out += [path("M342 260 q-14 -130 108 -138 q122 8 108 138 q-46 62 -108 66 q-62 -4 -108 -66 Z", shade(color, 0.1)), path("M376 250 q-4 -84 74 -88 q78 4 74 88 q-30 46 -74 50 q-44 -4 -74 -50 Z", shade(color, 0.34))]
    out += [stroke("M420 312 q-6 60 -10 116 M480 312 q6 60 10 116", WHITE, 6), circle(410, 432, 6, BRASS), circle(490, 432, 6, BRASS)]
    out += [path("M352 560 h196 l36 118 H316 Z", shade(color, 0.07)), stitches("M352 560 h196 l36 118", color), rect(290, 706, 320, 36, shade(color, 0.14), 8)]
    return out + [path("M184 690 l98 18 -4 30 -98 -16 Z", shade(color, 0.2)), path("M716 690 l-98 18 4 30 98 -16 Z", shade(color, 0.22))]


def coat(color):
    out = hanger(150) + [path("M310 226 C246 262 214 380 196 640 l88 12 C300 560 316 440 330 360 Z", shade(color, 0.08)), path("M590 226 C654 262 686 380 704 640 l-88 12 C600 560 584 440 570 360 Z", shade(color, 0.13))]
    out += [path("M370 206 q80 40 160 0 l64 26 q-16 160 2 320 l34 250 q-180 30 -360 0 l34 -250 q18 -160 2 -320 Z", color), path("M450 330 V812 q92 0 180 -10 l-34 -250 q-18 -160 -2 -320 l-64 -26 Z", "#20160c", opacity=0.06)]
    out += [path("M370 206 L340 330 L410 372 L450 330 L412 222 Z", shade(color, 0.16)), path("M530 206 L560 330 L490 372 L450 330 L488 222 Z", shade(color, 0.22)), path("M412 222 q38 16 76 0 L450 330 Z", "#e9e0d0")]
    out += [line(450, 340, 450, 806, shade(color, 0.28), 4)] + [circle(428, y, 10, shade(color, 0.45)) for y in (420, 500, 580)] + [circle(476, y, 10, shade(color, 0.45)) for y in (420, 500, 580)]
    return out + [rect(318, 600, 84, 16, shade(color, 0.22), 6, transform="rotate(-4 360 608)"), rect(498, 600, 84, 16, shade(color, 0.26), 6, transform="rotate(4 540 608)")]


def shirt_dress(color):
    out = hanger(150) + [path("M320 230 C262 262 230 340 214 460 l84 26 C310 430 322 390 336 360 Z", shade(color, 0.07)), path("M580 230 C638 262 670 340 686 460 l-84 26 C590 430 578 390 564 360 Z", shade(color, 0.12))]
    out += [path("M380 208 q70 36 140 0 l58 24 q-14 120 -20 220 q10 180 76 350 q-184 40 -368 0 q66 -170 76 -350 q-6 -100 -20 -220 Z", color)]
    out += [path("M380 208 L360 262 L432 276 L450 244 Z", tint(color, 0.35)), path("M520 208 L540 262 L468 276 L450 244 Z", tint(color, 0.25)), line(450, 250, 450, 806, shade(color, 0.18), 4)]
    out += [circle(450, y, 7, WHITE) for y in (300, 352, 404, 520, 580, 640, 700)] + [path("M340 448 q110 24 220 0 l2 30 q-112 26 -224 0 Z", shade(color, 0.22))]
    return out + folds(["M382 500 q-30 150 -62 282", "M518 500 q30 150 62 282", "M416 510 q-10 140 -20 284", "M484 510 q10 140 20 284"], color)


def shirt(color):
    out = hanger(170) + sleeves(color, 660)
    out += [path("M370 226 q80 40 160 0 l66 26 q-16 130 -10 250 l6 226 q-46 24 -100 4 q-46 18 -92 0 q-50 20 -96 -4 l6 -226 q6 -120 -10 -250 Z", color), path("M370 226 L346 288 L426 308 L450 270 Z", tint(color, 0.4)), path("M530 226 L554 288 L474 308 L450 270 Z", tint(color, 0.3))]
    out += [line(450, 276, 450, 728, shade(color, 0.16), 4)] + [circle(450, y, 7, shade(color, 0.4)) for y in (330, 400, 470, 540, 610, 680)]
    out += [path("M490 380 h76 v70 q-38 22 -76 0 Z", shade(color, 0.08)), stitches("M490 392 h76", color)]
    return out + [path("M188 660 l96 18 -6 36 -96 -18 Z", tint(color, 0.25)), path("M712 660 l-96 18 6 36 96 -18 Z", tint(color, 0.2))] + folds(["M350 560 q14 70 4 140", "M552 580 q-12 60 -2 120"], color)


def trousers(color):
    out = [rect(318, 130, 264, 46, shade(color, 0.12), 6), path("M318 172 H582 L636 804 q-70 18 -142 6 L450 380 L406 810 q-72 12 -142 -6 Z", color), path("M450 172 H582 L636 804 q-70 18 -142 6 L450 380 Z", "#20160c", opacity=0.07)]
    out += [stroke("M450 176 V372", shade(color, 0.24), 4), stitches("M466 180 v110 q-2 30 -16 40", color), stroke("M346 180 q-8 60 -40 92 M554 180 q8 60 40 92", shade(color, 0.24), 4), circle(450, 152, 9, shade(color, 0.5))]
    out += [rect(x, 124, 14, 58, shade(color, 0.2), 4) for x in (350, 536)]
    return out + folds(["M372 240 q-20 280 -40 556", "M528 240 q20 280 40 556"], color) + [stitches("M266 782 q70 18 142 8 M492 790 q72 10 142 -8", color)]


def sweater(color, pattern):
    out = sleeves(color, 680, 4) + [path("M350 236 q100 40 200 0 l58 26 q-16 130 -8 260 l6 196 q-156 22 -312 0 l6 -196 q8 -130 -8 -260 Z", color), stroke("M352 238 q98 54 196 0", shade(color, 0.2), 26), stroke("M356 230 q94 46 188 0", shade(color, 0.1), 4)]
    for row, y in enumerate((352, 392, 432)):
        out += [path(f"M{x} {y} l14 -18 14 18 -14 18 Z", pattern if row != 1 else tint(pattern, 0.35)) for x in range(312 + (14 if row == 1 else 0), 574, 34)]
    out += [stroke(f"M306 {y} q144 20 288 0", shade(color, 0.1), 3, opacity=0.7) for y in range(480, 690, 22)] + [path("M294 690 q156 22 312 0 v38 q-156 22 -312 0 Z", shade(color, 0.16))]
    out += [line(x, 706, x, 724, shade(color, 0.3), 3) for x in range(306, 600, 18)]
    return out + [path("M186 680 l96 18 -5 38 -96 -18 Z", shade(color, 0.2)), path("M714 680 l-96 18 5 38 96 -18 Z", shade(color, 0.22))]


def bomber(color, lining):
    out = sleeves(color, 660, 10) + [path("M346 236 q104 30 208 0 l56 28 q-16 120 -8 240 l4 190 q-156 18 -312 0 l4 -190 q8 -120 -8 -240 Z", color), path("M396 240 q54 14 108 0 L450 420 Z", lining)]
    out += [path("M346 236 q40 -34 104 -34 t104 34 l-14 26 q-90 26 -180 0 Z", shade(color, 0.3)), line(450, 300, 450, 700, BRASS, 6), rect(442, 330, 16, 36, BRASS, 5), path("M294 684 q156 20 312 0 v46 q-156 20 -312 0 Z", shade(color, 0.3))]
    out += [line(x, 702, x, 722, shade(color, 0.42), 3) for x in range(308, 600, 16)] + [stroke("M352 520 l26 96 M548 520 l-26 96", shade(color, 0.4), 7), rect(536, 360, 52, 42, lining, 6)]
    return out + [path("M180 660 l104 18 -6 40 -102 -18 Z", shade(color, 0.32)), path("M720 660 l-104 18 6 40 102 -18 Z", shade(color, 0.34))] + folds(["M262 420 q-20 100 -28 200", "M638 420 q20 100 28 200"], color)


def skirt(color):
    out = [rect(330, 170, 240, 44, shade(color, 0.14), 8), path("M330 212 H570 q30 260 130 520 q-30 40 -80 14 q-40 36 -90 6 q-40 32 -80 0 q-40 32 -80 0 q-50 30 -90 -6 q-50 26 -80 -14 q100 -260 130 -520 Z", color)]
    out += folds(["M366 220 q-24 280 -86 514", "M408 220 q-10 280 -38 526", "M450 220 v528", "M492 220 q10 280 38 526", "M534 220 q24 280 86 514"], color)
    return out + [path("M570 212 q30 260 130 520 q-30 40 -80 14 q-20 -250 -70 -534 Z", "#20160c", opacity=0.08), circle(546, 192, 9, WHITE)]


def tote(color, print_color):
    out = [stroke("M350 390 C340 150 560 150 550 390", shade(color, 0.2), 26, ), path("M262 360 H638 L668 800 q-218 26 -436 0 Z", color), path("M450 360 H638 L668 800 q-100 14 -218 13 Z", "#20160c", opacity=0.05)]
    out += [rect(262, 352, 376, 26, shade(color, 0.1), 4), stitches("M270 390 H630", color)]
    trunks = [(372, 500, 250), (440, 470, 290), (516, 510, 240)]
    for x, y, h in trunks:
        out += [rect(x, y, 20, h, print_color, 6)] + [rect(x + (0 if i % 2 else 9), y + 26 + i * 38, 11, 6, color, 2) for i in range((h - 30) // 38)]
        out += [stroke(f"M{x + 10} {y + 20} q-30 -30 -44 -60 M{x + 10} {y + 10} q20 -30 44 -44", print_color, 5), ellipse(x - 34, y - 42, 11, 17, print_color, transform=f"rotate(-30 {x - 34} {y - 42})"), ellipse(x + 54, y - 38, 11, 17, print_color, transform=f"rotate(40 {x + 54} {y - 38})")]
    return out


def folded(color, weave, room_color, third):
    """Вторая картинка: стопка сложенных вещей, сверху - эта, с биркой."""
    out = [rect(0, 0, SIZE, SIZE, room_color), rect(0, 640, SIZE, 260, shade(room_color, 0.1)), shadow(450, 706, 330, 18)]
    for i, (tone, y) in enumerate(((third, 586), (tint(color, 0.45), 476))):
        out += [rect(150 + i * 8, y, 600 - i * 16, 112, tone, 40), rect(150 + i * 8, y + 70, 600 - i * 16, 42, shade(tone, 0.14), 30, opacity=0.5), stroke(f"M196 {y + 58} H746", shade(tone, 0.2), 4)]
    out += [path("M170 400 q0 -90 60 -96 l440 -4 q62 6 62 98 q0 82 -62 84 H232 q-62 -2 -62 -82 Z", color), path("M170 400 q2 -34 20 -34 H714 q18 2 18 32 q0 82 -62 84 H232 q-62 -2 -62 -82 Z", shade(color, 0.13))]
    out += [stroke(f"M{232 + i * 26} 312 q-14 26 -16 48", weave, 3, opacity=0.5) for i in range(18)] + [stroke(f"M{196 + i * 26} 380 q4 46 16 92", weave, 3, opacity=0.3) for i in range(20)]
    out += [stroke("M196 372 H712", shade(color, 0.28), 5), path("M360 302 q90 60 180 0 l-26 -4 q-64 36 -128 0 Z", shade(color, 0.3))]
    return out + [line(600, 372, 636, 424, "#9a8a70", 4), group([rect(-40, 0, 80, 118, WHITE, 6), circle(0, 16, 7, color), rect(-22, 44, 44, 7, shade(color, 0.25), 3), rect(-22, 62, 34, 7, shade(color, 0.1), 3), rect(-22, 80, 40, 7, shade(color, 0.1), 3)], "translate(640 420) rotate(-9)")]
