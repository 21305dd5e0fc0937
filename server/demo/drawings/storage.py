"""Кухни, шкафы, комоды: всё, что состоит из фасадов."""
from .base import *


def legs(x1, x2, y, color, height=STAND, inset=26):
    """Пара конических ножек под корпусом."""
    return [poly([(x1 + inset, y), (x1 + inset + 22, y), (x1 + inset + 8, height), (x1 + inset - 2, height)], color),
            poly([(x2 - inset - 22, y), (x2 - inset, y), (x2 - inset + 2, height), (x2 - inset - 8, height)], color)]


def knob(x, y, color=BRASS):
    return circle(x, y, 7, color)


def bar(x, y, length, color=BRASS, vertical=False):
    return rect(x - 3, y, 6, length, color, 3) if vertical else rect(x, y - 3, length, 6, color, 3)


def grain(x, y, w, h, color):
    """Едва заметный рисунок дерева."""
    rows = [0.22, 0.5, 0.77]
    return [stroke(f"M{x + 12} {y + h * r:.0f} q{w * .25:.0f} -7 {w * .5 - 12:.0f} 0 t{w * .5 - 12:.0f} 0", shade(color, 0.12), 2, opacity=0.45) for r in rows]


def front(x, y, w, h, color, wood=False, gap=3, r=3):
    out = [rect(x + gap, y + gap, w - 2 * gap, h - 2 * gap, color, r),
           rect(x + gap, y + h - gap - 5, w - 2 * gap, 5, shade(color), 2, opacity=0.6)]
    return out + (grain(x + gap, y + gap, w - 2 * gap, h - 2 * gap, color) if wood else [])


def oven(x, y, w, h):
    return [rect(x + 3, y + 3, w - 6, h - 6, "#2b3033", 4), rect(x + 16, y + 56, w - 32, h - 84, "#454d51", 6),
            rect(x + 16, y + 40, w - 32, 6, "#a9b0b3", 3), circle(x + 30, y + 22, 6, "#a9b0b3"), circle(x + w - 30, y + 22, 6, "#a9b0b3"),
            poly([(x + 30, y + h - 34), (x + 70, y + 62), (x + 92, y + 62), (x + 52, y + h - 34)], "#ffffff", opacity=0.08)]


def tap(x, y):
    return [stroke(f"M{x} {y} v-52 q0 -26 26 -26 q24 0 24 22 v8", "#9aa2a4", 8), rect(x - 12, y - 6, 24, 6, "#7f878a", 2)]


def jar(x, y, h, color):
    return [rect(x, y - h, 30, h, color, 6), rect(x + 2, y - h - 9, 26, 12, OAK, 4)]


def pot_plant(x, y, color):
    return [path(f"M{x} {y} c-30 -30 -34 -58 -20 -84 c16 20 26 48 20 84 Z M{x} {y} c24 -22 36 -50 30 -78 c-24 12 -34 44 -30 78 Z", "#6f8f6d"),
            path(f"M{x - 24} {y - 34} h48 l-7 34 h-34 Z", color)]


def kitchen(front_color, top_color, splash, upper="doors", wood_upper=False, tall=True, accent=BRASS):
    """Прямая кухня: нижний ряд, столешница, фартук, верх (шкафы или полки), пенал."""
    left = 96
    x0 = left + (150 if tall else 0)
    right = 804
    out = [shadow(450, 772, 380, 14)]
    if tall:
        out += [rect(left, 176, 150, 574, shade(front_color, 0.06), 4)] + front(left, 176, 150, 250, front_color) + front(left, 426, 150, 324, front_color)
        out += [bar(left + 128, 344, 64, accent, True), bar(left + 128, 444, 64, accent, True)]
    out += [rect(x0, 360, right - x0, 150, splash)]
    out += [line(x0 + 6, y, right - 6, y, shade(splash, 0.10), 2, opacity=0.5) for y in (398, 436, 474)]
    out += [line(x, 362, x, 498, shade(splash, 0.10), 2, opacity=0.5) for x in range(x0 + 70, right - 10, 70)]
    upper_color = OAK if wood_upper else front_color
    if upper == "doors":
        step = (right - x0 - 170) / 3
        for i in range(3):
            x = x0 + i * step + (170 if i else 0)
            out += front(round(x), 176, round(step), 184, upper_color, wood_upper)
            out += [bar(round(x + step - 26), 296, 44, accent, True)]
        hx = x0 + step
        out += [rect(hx + 40, 176, 90, 130, STONE, 3), path(f"M{hx + 8:.0f} 360 l26 -54 h102 l26 54 Z", shade(STONE, 0.08))]
    else:
        for y in (250, 350):
            out += [rect(x0 + 40, y, right - x0 - 80, 14, OAK, 3), rect(x0 + 40, y + 10, right - x0 - 80, 4, OAK_DARK)]
        out += jar(x0 + 80, 250, 46, "#e9dcc4") + jar(x0 + 122, 250, 60, "#cfdccf") + jar(x0 + 164, 250, 40, "#e3c0ae")
        out += pot_plant(right - 130, 250, WHITE)
        out += [ellipse(x0 + 110 + i * 56, 340, 24, 7, WHITE) for i in range(3)] + [rect(x0 + 86 + i * 56, 324, 48, 16, WHITE, 6) for i in range(3)]
        out += [rect(right - 190, 308, 66, 42, "#d8b8a6", 8), stroke(f"M{right - 124} 318 q20 4 0 22", "#d8b8a6", 6)]
    out += [rect(x0, 522, right - x0, 228, shade(front_color, 0.22))]
    step = (right - x0) / 4
    for i in range(4):
        x = round(x0 + i * step)
        w = round(step)
        if i == 2:
            out += [rect(x, 524, w, 222, shade(front_color, 0.1))] + oven(x, 524, w, 222)
        elif i == 1:
            out += front(x, 524, w, 72, front_color) + front(x, 596, w, 74, front_color) + front(x, 670, w, 76, front_color)
            out += [bar(x + w // 2 - 28, y, 56, accent) for y in (546, 618, 692)]
        else:
            out += front(x, 524, w, 222, front_color) + [bar(x + w - 24, 548, 58, accent, True)]
    out += [rect(x0 - 4 if not tall else x0, 500, right - x0 + 8, 24, top_color, 3), rect(x0, 518, right - x0 + 4, 6, shade(top_color, 0.2), 2)]
    out += tap(round(x0 + 40), 500) + [rect(right - 116, 424, 62, 76, OAK_LIGHT, 8), circle(right - 85, 442, 6, splash)] + jar(right - 176, 500, 44, "#dcd3c2")
    out += [rect(left + 12, 748, right - left - 20, 20, shade(front_color, 0.45))]
    return out


def island(front_color, top_color):
    """Остров на переднем плане с двумя табуретами."""
    out = [shadow(500, 846, 300, 16), rect(250, 640, 500, 190, front_color, 4)]
    out += [line(x, 648, x, 822, shade(front_color, 0.2), 3) for x in range(272, 750, 22)]
    out += [rect(226, 616, 548, 30, top_color, 4), rect(226, 638, 548, 8, shade(top_color, 0.2), 3)]
    for x in (330, 580):
        out += [line(x + 16, 724, x, 852, INK, 8), line(x + 84, 724, x + 100, 852, INK, 8), line(x + 6, 800, x + 94, 800, INK, 6),
                rect(x - 4, 704, 108, 24, OAK, 10), rect(x - 4, 718, 108, 10, OAK_DARK, 5)]
    out += [ellipse(420, 612, 70, 10, WHITE), path("M356 606 a64 42 0 0 0 128 0 Z", "#d9c7a6"), circle(398, 596, 18, "#c4694a"), circle(434, 594, 20, "#d9a441"), circle(414, 582, 16, "#8ba36f")]
    return out


def wardrobe(color, doors=2, wood=False, drawers=True, handle=BRASS):
    x, w, top = (250, 400, 150) if doors == 2 else (190, 520, 150)
    bottom = 728
    split = 590 if drawers else bottom - 8
    out = [shadow(450, 774, w * 0.54, 14)] + legs(x, x + w, bottom - 4, WALNUT if not wood else OAK_DARK)
    out += [rect(x - 8, top - 14, w + 16, 18, shade(color, 0.05), 4), rect(x, top, w, bottom - top, shade(color, 0.12), 4)]
    step = w / doors
    for i in range(doors):
        dx = round(x + i * step)
        out += front(dx, top, round(step), split - top, color, wood, 4)
        out += [rect(dx + 26, top + 30, round(step) - 52, split - top - 60, "none", 4, stroke=shade(color, 0.13), stroke_width=3)] if not wood else []
        hx = dx + round(step) - 22 if i % 2 == 0 else dx + 22
        out += [bar(hx, (top + split) // 2 - 40, 80, handle, True)]
    if drawers:
        out += front(x, split, w // 2, bottom - split, color, wood, 4) + front(x + w // 2, split, w // 2, bottom - split, color, wood, 4)
        out += [knob(x + w // 4, (split + bottom) // 2, handle), knob(x + 3 * w // 4, (split + bottom) // 2, handle)]
    return out


def sliding(color, mirror="#c4d3d8"):
    x, w, top, bottom = 140, 620, 140, 752
    out = [shadow(450, 770, 340, 14), rect(x, top, w, bottom - top, shade(color, 0.25), 3)]
    step = (w - 24) // 3
    for i in range(3):
        dx = x + 12 + i * step
        if i == 1:
            out += [rect(dx, top + 14, step, bottom - top - 32, mirror), poly([(dx + 20, 560), (dx + 150, 180), (dx + 186, 180), (dx + 56, 560)], "#ffffff", opacity=0.35),
                    poly([(dx + 80, 640), (dx + 186, 330), (dx + 198, 330), (dx + 92, 640)], "#ffffff", opacity=0.25)]
        else:
            out += [rect(dx, top + 14, step, bottom - top - 32, color)] + grain(dx, top + 60, step, 240, color) + grain(dx, top + 330, step, 230, color)
        out += [rect(dx, top + 14, 7, bottom - top - 32, shade(color, 0.35)), rect(dx + step - 7, top + 14, 7, bottom - top - 32, shade(color, 0.35))]
    out += [rect(x, top, w, 14, GRAPHITE, 3), rect(x, bottom - 18, w, 18, GRAPHITE, 3)]
    return out


def shelf(color):
    """Стеллаж-лесенка: две стойки и пять полок, каждая шире верхней."""
    out = [shadow(450, 774, 230, 13)]
    rows = [(250, 338, 562), (365, 318, 582), (480, 298, 602), (595, 278, 622), (712, 258, 642)]
    out += [poly([(352, 150), (368, 150), (272, STAND), (252, STAND)], OAK_DARK), poly([(532, 150), (548, 150), (648, STAND), (628, STAND)], OAK_DARK)]
    for y, x1, x2 in rows:
        out += [rect(x1, y, x2 - x1, 18, color, 3), rect(x1, y + 13, x2 - x1, 5, shade(color, 0.2), 2)]
    books = [("#8a5a44", 66), ("#d9a441", 58), ("#5f7f7a", 74), ("#e4dccb", 62), ("#34495e", 70)]
    for i, (c, h) in enumerate(books):
        out += [rect(350 + i * 24, 365 - h, 22, h, c, 2)]
    out += pot_plant(545, 365, "#e7d9c6") + pot_plant(400, 250, "#c98d73") + [rect(470, 204, 64, 46, "#e9e2d4", 4), rect(480, 214, 44, 26, "#a8bcae", 2)]
    out += [ellipse(400, 470, 44, 10, "#c98d73"), path("M352 446 h96 c0 22 -20 34 -48 34 s-48 -12 -48 -34 Z", "#d79d84")]
    out += [rect(492 + i * 25, 480 - h, 22, h, c, 2) for i, (c, h) in enumerate([("#e4dccb", 70), ("#7f9a80", 78), ("#c4694a", 62)])]
    out += [rect(310, 530, 110, 65, "#b99b73", 6), line(320, 552, 410, 552, "#9c7f59", 3), line(320, 572, 410, 572, "#9c7f59", 3)]
    out += [circle(520, 566, 29, "#e9e2d4"), circle(560, 575, 20, "#d3c7b2")]
    out += [rect(300, 640, 130, 72, "#b99b73", 6), line(310, 664, 420, 664, "#9c7f59", 3), line(310, 688, 420, 688, "#9c7f59", 3), rect(460, 676, 130, 18, "#34495e", 2), rect(468, 694, 130, 18, "#d9a441", 2), rect(474, 660, 104, 16, "#e4dccb", 2)]
    return out


def dresser(color, rows=4, slats=False, wood=True, top_decor=True):
    x, w, top, bottom = 210, 480, 378, 722
    out = [shadow(450, 774, 270, 14)] + legs(x, x + w, bottom - 4, WALNUT)
    out += [rect(x, top, w, bottom - top, shade(color, 0.16), 6), rect(x - 12, top - 18, w + 24, 22, tint(color, 0.12), 5)]
    h = (bottom - top - 12) / rows
    for i in range(rows):
        y = round(top + 6 + i * h)
        out += front(x + 6, y, w - 12, round(h), color, wood and not slats, 4)
        if slats:
            out += [rect(sx, y + 4, 7, round(h) - 8, shade(color, 0.16), 3) for sx in range(x + 20, x + w - 20, 15)]
        else:
            out += [knob(x + 120, y + round(h / 2)), knob(x + w - 120, y + round(h / 2))]
    if top_decor:
        out += [circle(330, 258, 92, WHITE), circle(330, 258, 80, "#cfdde0"), path("M270 300 L350 190 L372 200 L290 316 Z", "#ffffff", opacity=0.4)]
        out += pot_plant(600, 360, "#d79d84") + [rect(480, 346, 74, 14, "#34495e", 2), rect(486, 332, 66, 14, "#e4dccb", 2)]
    return out


def tv_stand(color):
    x, w, top, bottom = 120, 660, 560, 716
    out = [shadow(450, 774, 350, 14)] + legs(x, x + w, bottom - 4, OAK_DARK, inset=50)
    out += [rect(x, top, w, bottom - top, shade(color, 0.18), 8), rect(x - 4, top - 12, w + 8, 18, tint(color, 0.1), 5)]
    out += front(x + 8, top + 6, 200, 142, color, True) + front(x + w - 208, top + 6, 200, 142, color, True)
    out += [rect(x + 216, top + 10, w - 432, 64, shade(color, 0.45), 3), rect(x + 216, top + 82, w - 432, 62, shade(color, 0.45), 3), rect(x + 250, top + 50, 130, 24, GRAPHITE, 3)]
    out += [bar(x + 100, top + 30, 0), rect(x + 250, top + 112, 70, 32, "#e4dccb", 3), rect(x + 330, top + 104, 60, 40, "#c98d73", 3)]
    out += [rect(230, 260, 440, 262, INK, 10), rect(240, 270, 420, 240, "#56666b", 5), path("M240 450 q90 -80 180 -30 q100 -90 240 -10 V510 H240 Z", "#7f9a94"), circle(560, 334, 30, "#e7c98b"), rect(430, 520, 40, 28, INK), rect(370, 544, 160, 8, INK, 4)]
    return out + pot_plant(164, 548, WHITE)


def nightstand(color):
    out = [shadow(450, 774, 170, 13)] + legs(310, 590, 690, WALNUT, inset=30)
    out += [rect(310, 480, 280, 214, shade(color, 0.16), 8), rect(300, 466, 300, 20, tint(color, 0.12), 5)]
    out += front(316, 488, 268, 84, color, True) + [knob(450, 530), rect(324, 584, 252, 100, shade(color, 0.42), 4), rect(350, 654, 120, 16, "#34495e", 2), rect(356, 638, 110, 16, "#d9a441", 2), rect(352, 670, 124, 14, "#e4dccb", 2)]
    out += [path("M352 466 h70 l-10 -58 h-50 Z", "#e3c0ae"), stroke("M387 408 c-4 -60 -30 -90 -44 -128 M389 408 c6 -70 20 -110 36 -150 M388 408 c10 -50 40 -70 62 -84", "#7b8f6d", 4)]
    out += [ellipse(343, 276, 14, 22, "#a9bf9a"), ellipse(426, 252, 14, 24, "#8fa983"), ellipse(456, 318, 22, 12, "#b9cba9"), rect(490, 424, 64, 42, WHITE, 8), stroke("M554 434 q20 4 0 22", WHITE, 6)]
    return out
