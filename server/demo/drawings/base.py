"""Кисть: холст 900×900, фигуры SVG строками, палитры стен и материалов."""

SIZE = 900
FLOOR = 668   # где стена переходит в пол
STAND = 770   # линия, на которой стоят ножки мебели

# Стена, пол, светлое пятно и акцент декора.
ROOMS = {
    "sage": ("#dde5d9", "#c9d4c3", "#eaf0e7", "#7f9a80"),
    "sand": ("#ede4d5", "#dccdb6", "#f6f0e5", "#c39a63"),
    "sky": ("#d8e4ea", "#c1d2db", "#e8f0f4", "#6f93a6"),
    "blush": ("#f1ddd4", "#e2c6b9", "#f8ebe5", "#c07a63"),
    "lilac": ("#e2deec", "#cec8de", "#eeebf5", "#8d82ad"),
    "butter": ("#f4e8cb", "#e5d4a7", "#faf3e0", "#c9993b"),
    "mist": ("#e3e6e6", "#cfd4d4", "#f0f2f2", "#7c8a8c"),
    "pine": ("#b9cbc1", "#a3b8ac", "#cad9d0", "#47705c"),
    "dusk": ("#41505a", "#35424b", "#4d5d68", "#e0b36a"),
}

OAK, OAK_DARK, OAK_LIGHT = "#cb9d6b", "#ab7d4e", "#dfbb8f"
WALNUT, WALNUT_DARK = "#80583b", "#643f28"
WHITE, CREAM, STONE = "#f8f6f1", "#efe8db", "#d9d6cf"
GRAPHITE, INK = "#43494d", "#2c3134"
BRASS = "#c6a15b"


def attrs(values):
    return "".join(f' {k.rstrip("_").replace("_", "-")}="{v}"' for k, v in values.items())


def rect(x, y, w, h, fill, r=0, **kw):
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="{fill}"{attrs(kw)}/>'


def ellipse(cx, cy, rx, ry, fill, **kw):
    return f'<ellipse cx="{cx}" cy="{cy}" rx="{rx}" ry="{ry}" fill="{fill}"{attrs(kw)}/>'


def circle(cx, cy, r, fill, **kw):
    return ellipse(cx, cy, r, r, fill, **kw)


def path(d, fill="none", **kw):
    return f'<path d="{d}" fill="{fill}"{attrs(kw)}/>'


def line(x1, y1, x2, y2, color, width=4, **kw):
    return (f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{color}" '
            f'stroke-width="{width}" stroke-linecap="round"{attrs(kw)}/>')


def stroke(d, color, width=4, **kw):
    return path(d, stroke=color, stroke_width=width, stroke_linecap="round", stroke_linejoin="round", **kw)


def poly(points, fill, **kw):
    return f'<polygon points="{" ".join(f"{x},{y}" for x, y in points)}" fill="{fill}"{attrs(kw)}/>'


def group(parts, transform=None, **kw):
    extra = f' transform="{transform}"' if transform else ""
    return f'<g{extra}{attrs(kw)}>{"".join(parts)}</g>'


def dark(shape_path, opacity=0.1):
    """Тень на самом предмете: тот же контур, затемнённый."""
    return path(shape_path, "#1d1408", opacity=opacity)


def mix(color, other, share):
    """Смешать два цвета #rrggbb; share — доля второго."""
    a = [int(color[i:i + 2], 16) for i in (1, 3, 5)]
    b = [int(other[i:i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in zip(a, b))


def shade(color, share=0.14):
    return mix(color, "#20160c", share)


def tint(color, share=0.25):
    return mix(color, "#ffffff", share)


def shadow(cx, cy, rx, ry=16, opacity=0.22):
    return ellipse(cx, cy, rx, ry, "#231a10", opacity=opacity, filter="url(#soft)")


def room(kind, decor=()):
    """Комната: стена, пол, пятно света из окна и выбранный декор."""
    wall, floor, light, accent = ROOMS[kind]
    parts = [
        rect(0, 0, SIZE, SIZE, wall),
        rect(0, FLOOR, SIZE, SIZE - FLOOR, floor),
        rect(0, FLOOR - 12, SIZE, 12, mix(wall, "#ffffff", 0.35)),
    ]
    for item in decor:
        parts.append(DECOR[item](light, accent, wall))
    return parts


def wall(kind):
    """Стена без пола: для светильников, которые висят."""
    color, _, light, _ = ROOMS[kind]
    return [rect(0, 0, SIZE, SIZE, color), path("M0 900 V610 Q300 470 900 640 V900 Z", mix(color, light, 0.5))]


def nearer(parts, scale, base=STAND):
    """Крупнее в кадре: низ предмета остаётся на месте."""
    return [group(parts, f"translate({450 - 450 * scale:.1f} {base - base * scale:.1f}) scale({scale})")]


def backdrop(kind):
    """Фон для одежды: ровная стена и большой мягкий круг."""
    wall, floor, light, _ = ROOMS[kind]
    return [rect(0, 0, SIZE, SIZE, wall), circle(450, 470, 372, light),
            ellipse(450, 846, 250, 20, "#231a10", opacity=0.10, filter="url(#soft)")]


def window_light(light, accent, wall):
    return group([
        poly([(120, 90), (330, 90), (430, 560), (220, 560)], light, opacity=0.75),
        poly([(360, 90), (470, 90), (570, 560), (460, 560)], light, opacity=0.75),
    ])


def arch(light, accent, wall):
    return path("M250 656 V330 a200 200 0 0 1 400 0 V656 Z", light)


def sun(light, accent, wall):
    return circle(640, 240, 150, light)


def frame(light, accent, wall):
    return group([
        rect(140, 130, 170, 220, WHITE, 3), rect(156, 146, 138, 188, light),
        path("M156 290 q40 -62 78 -18 q26 -40 60 -6 V334 H156 Z", accent, opacity=0.75),
        circle(256, 196, 20, mix(accent, "#ffffff", 0.45)),
    ])


def frame_right(light, accent, wall):
    return group([frame(light, accent, wall)], "translate(450 0)")


def plant(light, accent, wall):
    leaf = mix("#5f7f5f", accent, 0.2)
    leaves = [("M790 640 C770 540 740 500 720 470 C760 480 800 540 800 640 Z", leaf),
              ("M800 640 C790 520 800 450 830 400 C850 470 840 560 812 640 Z", shade(leaf, 0.12)),
              ("M808 640 C830 560 860 520 892 506 C886 560 850 610 818 646 Z", tint(leaf, 0.12))]
    return group([shadow(805, 778, 74, 12)] + [path(d, c) for d, c in leaves]
                 + [path("M756 640 H856 L842 776 H770 Z", mix(accent, "#ffffff", 0.55)),
                    path("M806 640 H856 L842 776 H806 Z", "#231a10", opacity=0.08)])


def vase(light, accent, wall):
    return group([
        stroke("M172 640 C168 560 150 520 130 480 M176 640 C178 540 186 500 196 452 M180 640 C192 580 214 540 236 520", "#8a7a55", 4),
        circle(130, 476, 12, mix(accent, "#ffffff", 0.2)), circle(196, 446, 14, accent), circle(238, 516, 11, mix(accent, "#ffffff", 0.35)),
        shadow(176, 778, 60, 11), path("M150 640 h52 c0 30 26 46 26 86 c0 34 -18 50 -52 50 s-52 -16 -52 -50 c0 -40 26 -56 26 -86 Z", mix(accent, "#ffffff", 0.6)),
    ])


def rug(light, accent, wall):
    return group([ellipse(450, 782, 400, 66, mix(accent, light, 0.68)),
                  ellipse(450, 782, 360, 55, "none", stroke=mix(accent, light, 0.45), stroke_width=5)])


DECOR = {"light": window_light, "arch": arch, "sun": sun, "frame": frame, "frame_right": frame_right,
         "plant": plant, "vase": vase, "rug": rug}


def svg(parts):
    defs = '<defs><filter id="soft" x="-30%" y="-80%" width="160%" height="260%"><feGaussianBlur stdDeviation="9"/></filter>'
    defs += '<radialGradient id="glow"><stop offset="0.25" stop-color="#ffe9b0" stop-opacity="0.75"/><stop offset="1" stop-color="#ffe9b0" stop-opacity="0"/></radialGradient></defs>'
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}">'
            f'{defs}{"".join(parts)}</svg>')
