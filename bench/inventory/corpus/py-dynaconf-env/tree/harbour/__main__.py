import sys

from harbour.letters import reply

for line in sys.stdin:
    print(reply(line))
