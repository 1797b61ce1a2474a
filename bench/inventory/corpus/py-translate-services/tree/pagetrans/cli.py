import argparse
from pathlib import Path

from pagetrans.translators import SERVICES


def main() -> None:
    parser = argparse.ArgumentParser(prog="pagetrans")
    parser.add_argument("file", type=Path)
    parser.add_argument("--service", "-s", choices=sorted(SERVICES), default="hunyuan")
    parser.add_argument("--lang-out", default="简体中文")
    args = parser.parse_args()
    translator = SERVICES[args.service](args.lang_out)
    for paragraph in args.file.read_text(encoding="utf-8").split("\n\n"):
        print(translator.translate(paragraph), end="\n\n")


if __name__ == "__main__":
    main()
