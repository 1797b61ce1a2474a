import argparse

from subtitles.engines import faster, paraformer

SIZES = ["tiny", "base", "small", "medium", "large-v3"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("video")
    parser.add_argument("--engine", choices=["whisper", "paraformer"], default="whisper")
    parser.add_argument("--model", choices=SIZES, default="large-v3")
    arguments = parser.parse_args()
    if arguments.engine == "whisper":
        print(faster(arguments.video, arguments.model))
    else:
        print(paraformer(arguments.video))


if __name__ == "__main__":
    main()
