"""Свет: торшер, подвес, настольная лампа, люстра, бра."""
from .base import *

GLOW = "#ffe9b0"


def halo(cx, cy, r, opacity=0.5):
    """Мягкое свечение вокруг лампы."""
    return [circle(cx, cy, r * 1.2, "url(#glow)", opacity=opacity)]


def floor_lamp(shade_color="#efe3cc", stem=OAK):
    out = halo(450, 310, 300, 0.9) + [shadow(450, 778, 150, 12)]
    out += [stroke("M450 390 L372 768 M450 390 L528 768 M450 390 L456 756", stem, 13), line(412, 600, 490, 600, shade(stem, 0.2), 8)]
    out += [path("M360 200 h180 l54 190 H306 Z", shade_color), path("M360 200 h180 l14 48 H346 Z", tint(shade_color, 0.4), opacity=0.7), path("M306 390 h288 l-8 -28 H314 Z", GLOW, opacity=0.8)]
    return out + [line(x1, 208, x2, 384, shade(shade_color, 0.1), 2, opacity=0.6) for x1, x2 in ((390, 352), (420, 402), (450, 450), (480, 498), (510, 548))]


def globe(color="#fff6e0", cord=INK):
    out = halo(450, 480, 360, 0.7) + [line(450, 0, 450, 300, cord, 5), rect(424, 286, 52, 40, BRASS, 8), rect(416, 318, 68, 14, shade(BRASS, 0.15), 5)]
    return out + [circle(450, 480, 162, color), path("M450 318 a162 162 0 0 1 0 324 a220 220 0 0 0 0 -324 Z", shade(color, 0.12), opacity=0.5), ellipse(392, 416, 34, 50, "#ffffff", opacity=0.8, transform="rotate(28 392 416)")]


def mushroom(cap="#c4694a", stem="#e9d9c6"):
    out = halo(450, 540, 270, 0.8) + [shadow(450, 776, 170, 12), path("M418 500 h64 q4 150 40 232 q6 36 -72 38 q-78 -2 -72 -38 q36 -82 40 -232 Z", stem), path("M450 500 h32 q4 150 40 232 q6 36 -72 38 Z", "#231a10", opacity=0.08)]
    out += [ellipse(450, 506, 214, 34, GLOW), path("M234 504 q4 -208 216 -210 q212 2 216 210 q-100 34 -216 34 t-216 -34 Z", cap), path("M234 504 q100 34 216 34 t216 -34 q0 -26 -4 -44 q-100 36 -212 36 t-212 -36 q-4 18 -4 44 Z", shade(cap, 0.2), opacity=0.6)]
    return out + [stroke("M282 420 q28 -72 96 -92", tint(cap, 0.45), 12, opacity=0.7), circle(450, 640, 8, BRASS)]


def branch(metal=BRASS):
    out = halo(450, 460, 360, 0.55) + [line(450, 0, 450, 210, INK, 5), rect(424, 196, 52, 26, INK, 8)]
    out += [stroke("M450 216 C450 330 300 300 210 380 M450 216 C450 340 360 380 330 500 M450 216 C450 330 600 300 690 360 M450 216 C450 350 540 400 580 520 M450 216 V560", metal, 10)]
    for x, y in ((210, 380), (330, 500), (690, 360), (580, 520), (450, 560)):
        out += [rect(x - 14, y - 12, 28, 26, shade(metal, 0.2), 6), circle(x, y + 58, 52, "#fff4da"), ellipse(x - 18, y + 40, 11, 16, "#ffffff", opacity=0.9), circle(x, y + 58, 52, "none", stroke=shade("#fff4da", 0.1), stroke_width=3)]
    return out


def crescent(metal=GRAPHITE):
    out = halo(470, 430, 350, 0.8)
    return out + [circle(450, 440, 196, metal), circle(470, 420, 168, tint(metal, 0.08)), circle(486, 408, 148, "#fff1cc"), circle(506, 396, 104, "#fffaf0", opacity=0.8), rect(436, 640, 28, 60, metal, 8), circle(450, 712, 16, BRASS)]
