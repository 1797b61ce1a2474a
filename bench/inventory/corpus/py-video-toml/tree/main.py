import sys

from clipper.script import write_script

if __name__ == "__main__":
    print(write_script(sys.argv[1]))
