#!/usr/bin/env python3
"""Рисует картинки демонстрационных товаров: SVG -> PNG -> WebP 900x900.

Нужны rsvg-convert (librsvg2-bin) и cwebp (webp). Запуск из любого места:
    python3 server/demo/make_pictures.py [имя ...]
Без имён перерисовывает всё. Новый товар - новая строка в PICTURES.
"""
import pathlib
import subprocess
import sys
import tempfile

from drawings import clothes, lamps, seating, storage
from drawings.base import GRAPHITE, INK, OAK, OAK_LIGHT, STONE, WALNUT, WALNUT_DARK, WHITE, backdrop, group, nearer, room, svg, wall

OUT = pathlib.Path(__file__).parent / "pictures"
LIMIT = 25 * 1024


def close_up(parts, scale, x, y):
    """Тот же предмет ближе: (x, y) окажется в центре кадра."""
    return [group(parts, f"translate({450 - x * scale} {450 - y * scale}) scale({scale})")]


SAGE, TERRA, OCHRE, NAVY, LINEN, MOSS, ROSE = "#90a78f", "#c4694a", "#d69b3a", "#3d536b", "#d8ccb6", "#6f7f52", "#d8a79a"

straight_kitchen = room("sand") + storage.kitchen(WHITE, OAK, "#e8e0d2", wood_upper=True)
sage_kitchen = room("butter") + storage.kitchen(SAGE, "#f1ece2", "#f6f1e6", upper="shelves", tall=False)
dark_kitchen = room("mist") + storage.kitchen(GRAPHITE, "#d9d4ca", "#c9cdcc", accent="#b9bfc0") + storage.island(WALNUT, "#e8e4db")
cloud = room("sage", ["light", "rug"]) + nearer(seating.sofa("#e9e3d6"), 1.18)
boat = room("butter", ["arch", "rug"]) + nearer(seating.lounge(MOSS), 1.12)
table = room("blush", ["light", "rug"]) + nearer(seating.round_table(), 1.12)
slats = room("sky", ["light"]) + nearer(storage.dresser(OAK, rows=3, slats=True), 1.22)
hoodie = backdrop("mist") + nearer(clothes.hoodie("#8796a3"), 1.08, 560)
coat = backdrop("sand") + clothes.coat("#a98662")

PICTURES = {
    "kitchen-sosna": straight_kitchen,
    "kitchen-sosna-2": close_up(straight_kitchen, 1.75, 470, 420),
    "kitchen-polyn": sage_kitchen,
    "kitchen-polyn-2": close_up(sage_kitchen, 1.7, 320, 400),
    "kitchen-grafit": dark_kitchen,
    "wardrobe-verba": room("sage", ["light"]) + storage.wardrobe(WHITE),
    "wardrobe-gorizont": room("mist", ["light"]) + storage.sliding(OAK_LIGHT),
    "shelf-lesenka": room("blush", ["arch"]) + storage.shelf(OAK),
    "dresser-yarus": room("butter", ["light"]) + nearer(storage.dresser(WALNUT, rows=4), 1.22),
    "dresser-reyka": slats,
    "dresser-reyka-2": close_up(slats, 1.8, 360, 480),
    "tv-ladoga": room("sage", ["light"]) + nearer(storage.tv_stand(OAK), 1.12),
    "nightstand-noch": room("lilac", ["arch"]) + nearer(storage.nightstand(WALNUT), 1.25),
    "sofa-oblako": cloud,
    "sofa-oblako-2": close_up(cloud, 1.8, 330, 580),
    "sofa-bereg": room("sand", ["frame", "frame_right"]) + nearer(seating.corner_sofa("#6f8c96", OCHRE), 1.1),
    "sofa-polden": room("lilac", ["light"]) + nearer(seating.sofa_bed("#c9b8a4", TERRA), 1.16),
    "chair-lodka": boat,
    "chair-lodka-2": close_up(boat, 1.7, 400, 470),
    "chair-gnezdo": room("pine", ["frame"]) + nearer(seating.wing_chair(TERRA), 1.12),
    "pouf-kubik": room("sky", ["sun", "rug"]) + nearer(seating.pouf(OCHRE), 1.4),
    "table-krug": table,
    "table-krug-2": close_up(table, 1.7, 450, 440),
    "table-hutor": room("sage", ["frame", "rug"]) + nearer(seating.long_table(), 1.1),
    "desk-konspekt": room("lilac", ["light"]) + nearer(seating.desk(), 1.18),
    "table-kaplya": room("sand", ["arch", "rug"]) + nearer(seating.coffee_table(), 1.25),
    "chair-lyon": room("mist", ["sun"]) + nearer(seating.chair(LINEN), 1.22),
    "chair-venets": room("butter", ["light"]) + nearer(seating.chair("#c9a877", WALNUT_DARK, back="bent"), 1.16),
    "stool-aist": room("sky", ["light"]) + nearer(seating.bar_stool(NAVY), 1.28),
    "lamp-kamysh": room("blush", ["plant"]) + nearer(lamps.floor_lamp(), 1.08),
    "lamp-shar": wall("dusk") + lamps.globe(),
    "lamp-grib": room("sage", ["light"]) + nearer(lamps.mushroom(), 1.12),
    "lamp-vetka": wall("pine") + lamps.branch(),
    "lamp-polumesyats": wall("dusk") + lamps.crescent("#c6a15b"),
    "hoodie-tuman": hoodie,
    "hoodie-tuman-2": clothes.folded("#8796a3", WHITE, "#e3e6e6", "#cdb79a"),
    "coat-sever": coat,
    "coat-sever-2": close_up(coat, 1.9, 450, 330),
    "dress-iyun": backdrop("sky") + clothes.shirt_dress("#6f93a6"),
    "shirt-holst": backdrop("sage") + clothes.shirt("#efe7d6"),
    "shirt-holst-2": clothes.folded("#efe7d6", "#8f7d5e", "#dde5d9", "#90a78f"),
    "trousers-prostor": backdrop("butter") + clothes.trousers("#7a7257"),
    "tee-oki": backdrop("blush") + clothes.tee("#f7f2e8", TERRA),
    "sweater-moh": backdrop("sand") + clothes.sweater("#6d7d58", "#ead9b0"),
    "sweater-moh-2": clothes.folded("#6d7d58", "#dfe5cf", "#ede4d5", "#c4694a"),
    "bomber-staya": backdrop("lilac") + clothes.bomber("#3b4a5c", OCHRE),
    "skirt-volna": backdrop("mist") + clothes.skirt(ROSE),
    "tote-beryoza": backdrop("pine") + clothes.tote("#f1ead9", INK),
}


def render(name, parts):
    target = OUT / f"{name}.webp"
    with tempfile.TemporaryDirectory() as folder:
        source, png = pathlib.Path(folder, "a.svg"), pathlib.Path(folder, "a.png")
        source.write_text(svg(parts), encoding="utf-8")
        subprocess.run(["rsvg-convert", "-w", "900", "-h", "900", "-o", png, source], check=True)
        for quality in ("90", "80", "65"):
            subprocess.run(["cwebp", "-quiet", "-m", "6", "-q", quality, png, "-o", target], check=True)
            size = target.stat().st_size
            if size <= LIMIT:
                return size
    sys.exit(f"{target.name}: {size} байт, больше {LIMIT}")


def main():
    OUT.mkdir(exist_ok=True)
    names = sys.argv[1:] or PICTURES
    total = sum(render(name, PICTURES[name]) for name in names)
    print(f"картинок: {len(names)}, всего {total // 1024} КиБ")


if __name__ == "__main__":
    main()
