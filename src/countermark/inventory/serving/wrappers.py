"""What stands around the command of a server: shells, ``env``, ``sudo``, launchers, ``docker run``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from countermark.inventory.serving import shells

MAX_DEPTH = 12
SHELLS = frozenset(["sh", "bash", "zsh", "dash", "ash", "ksh"])
SCRIPT = re.compile(r"\.(?:sh|bash)$|(?:^|[_-])entrypoint[^/]*$")
PYTHON = re.compile(r"(?:python|pypy)\d*(?:\.\d+)*w?")


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command, with nothing around it."""

    words: tuple[str, ...]
    image: str = ""
    """The container image that it runs in."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What is set for it, as far as is known."""
    complete: bool = False
    """The environment is known as a whole: what it lacks is not set."""

    @property
    def program(self) -> str:
        """The name of the program, without its folder."""
        return program(self.words[0]) if self.words else ""


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A program that starts the one named behind it."""

    values: frozenset[str] = frozenset()
    """Its options that take the next word."""
    skipped: int = 0
    """Words of its own before the other program."""
    subcommands: tuple[str, ...] = ()
    """One of which must follow: ``uv run``."""


def _wrapper(values: str = "", skipped: int = 0, subcommands: str = "") -> Wrapper:
    return Wrapper(frozenset(values.split()), skipped, tuple(subcommands.split()))


RUNNER = "--project --directory --python -p --with --extra --group --env-file --from --package -C --name -n"
WRAPPERS: dict[str, Wrapper] = {
    **dict.fromkeys(
        [
            "exec",
            "nohup",
            "command",
            "builtin",
            "time",
            "setsid",
            "tini",
            "dumb-init",
            "catchsegv",
            "busybox",
        ],
        _wrapper("-a"),
    ),
    "sudo": _wrapper("-u -g -h -p -C -r -t -T -U -D -R --user --group --host --chdir"),
    "doas": _wrapper("-u -C"),
    "env": _wrapper("-u -C --unset --chdir -S"),
    "gosu": _wrapper(skipped=1),
    "s6-setuidgid": _wrapper(skipped=1),
    "su-exec": _wrapper(skipped=1),
    "nice": _wrapper("-n --adjustment"),
    "ionice": _wrapper("-c -n -p --class --classdata"),
    "stdbuf": _wrapper("-i -o -e"),
    "timeout": _wrapper("-k -s --kill-after --signal", skipped=1),
    "numactl": _wrapper("-N -m -C -i -p -P --cpunodebind --membind --physcpubind --interleave --preferred"),
    "taskset": _wrapper(skipped=1),
    "chrt": _wrapper("-T -P -D", skipped=1),
    "xvfb-run": _wrapper("-n -s -e -f -w --server-num --server-args"),
    "proxychains4": _wrapper("-f"),
    "nsys": _wrapper("-o -t --output --trace", subcommands="profile launch"),
    "ncu": _wrapper("-o --set"),
    "mpirun": _wrapper("-n -np -H -x --host --hostfile --bind-to --map-by"),
    "mpiexec": _wrapper("-n -np -host -hostfile"),
    "srun": _wrapper(
        "-n -N -c -p -w -J -t -G --ntasks --nodes --partition --nodelist --gres --gpus --job-name"
    ),
    "systemd-run": _wrapper("-u -p -E --unit --property --setenv --slice --uid --gid"),
    "uv": _wrapper(RUNNER, subcommands="run tool x"),
    "uvx": _wrapper(RUNNER),
    "pipx": _wrapper("--spec --python", subcommands="run"),
    "poetry": _wrapper("-C -P --directory --project", subcommands="run"),
    "pdm": _wrapper("-p --project", subcommands="run"),
    "rye": _wrapper(subcommands="run"),
    "hatch": _wrapper("-e --env", subcommands="run"),
    "pixi": _wrapper("-e --environment --manifest-path", subcommands="run"),
    "conda": _wrapper("-n -p --name --prefix --cwd", subcommands="run"),
    "mamba": _wrapper("-n -p --name --prefix --cwd", subcommands="run"),
    "micromamba": _wrapper("-n -p -r --name --prefix --cwd", subcommands="run"),
    "accelerate": _wrapper(
        "--num_processes --config_file --gpu_ids --main_process_port", subcommands="launch"
    ),
    "screen": _wrapper("-S -dmS -h -p -c -L -Logfile"),
    "tmux": _wrapper(
        "-s -n -c -t -x -y -f -L -S", subcommands="new new-session new-window neww send-keys send"
    ),
    "pm2": _wrapper("--name -n --interpreter --cwd", subcommands="start"),
}
"""By the name of the program."""
CONTAINERS = frozenset(
    ["docker", "podman", "nerdctl", "docker-compose", "apptainer", "singularity", "kubectl", "oc"]
)
CONTAINER_FLAGS = re.compile(
    r"-[ditTPq]+|--(?:detach|interactive|tty|rm|privileged|init|no-healthcheck|read-only|oom-kill-disable|sig-proxy|"
    r"quiet|disable-content-trust|publish-all|no-tty|no-deps|service-ports|nv|nvccli|rocm|writable|writable-tmpfs|"
    r"containall|cleanenv|contain|stdin|command|use-aliases|no-TTY|replace)"
)
CONTAINER_VALUES = frozenset(
    [
        "-f",
        "-p",
        "-H",
        "-n",
        "-c",
        "--file",
        "--project-name",
        "--host",
        "--context",
        "--namespace",
        "--env-file",
    ]
)
"""Options of ``docker`` and its like, before the subcommand, that take the next word."""
RUNS = {"run": True, "create": True, "exec": False, "shell": True}
"""The subcommands that start something → whether an image stands before the command."""


def program(word: str) -> str:
    """The name of a program, without folder and ``.exe``."""
    return word.replace("\\", "/").rpartition("/")[2].removesuffix(".exe")


def unwrapped(command: Command, depth: int = 0) -> Iterator[Command]:
    """The commands that a command line comes to: several where it is a script.

    What cannot be looked into ends it: ``grep vllm serve`` stays a ``grep``.
    """
    words = command.words[: shells.MAX_WORDS]
    environment = dict(command.environment)
    while words and (assignment := shells.ASSIGNMENT.fullmatch(words[0])):
        if len(words) == 1 and re.search(r"\s", assignment[2]):
            break  # a whole line in one word: `A=b vllm serve …`
        environment[assignment[1]] = assignment[2]
        words = words[1:]
    command = replace(command, words=words, environment=environment)
    if not words or depth > MAX_DEPTH:
        yield command
        return
    inner = list(_inner(command))
    if inner == [command]:
        yield command
        return
    for each in inner:
        yield from unwrapped(each, depth + 1)


def _inner(command: Command) -> Iterator[Command]:
    """What a command starts; itself where it starts nothing else."""
    words, name = command.words, command.program
    if re.search(r"[\s;&|]", words[0].strip()):
        yield from _script(command, words[0])
    elif name in SHELLS or (name == "busybox" and len(words) > 1 and words[1] in SHELLS):
        yield from _shell(command, words[1:] if name in SHELLS else words[2:])
    elif name == "eval":
        yield from _script(command, " ".join(words[1:]))
    elif name in CONTAINERS:
        yield _container(command)
    elif name in ("torchrun", "deepspeed"):
        yield _launched(command)
    elif name in WRAPPERS:
        yield from _behind(command, WRAPPERS[name])
    elif len(words) > 1 and SCRIPT.search(name) and not words[1].startswith("-"):
        yield replace(command, words=words[1:])
    else:
        yield command


def _script(command: Command, text: str) -> Iterator[Command]:
    known = command.environment if command.complete else None
    for before, words in shells.commands(text, known):
        yield replace(command, words=tuple(words), environment={**command.environment, **before})


def _shell(command: Command, words: Sequence[str]) -> Iterator[Command]:
    """``bash -lc "…"``, ``bash -o pipefail -c "…"``, ``bash start.sh vllm serve …``."""
    at = 0
    while at < len(words) and words[at][:1] in ("-", "+"):
        flags = words[at]
        at += 1
        if flags.startswith("-") and not flags.startswith("--") and "c" in flags:
            script = words[at] if at < len(words) else ""
            yield from _script(command, script)
            return
        if flags in ("-o", "+o", "-O"):
            at += 1
    rest = tuple(words[at:])
    yield replace(command, words=rest or command.words)


def _behind(command: Command, wrapper: Wrapper) -> Iterator[Command]:
    words = list(command.words[1:])
    if wrapper.subcommands:
        words = _skip_options(words, wrapper.values)
        if not words or words[0] not in wrapper.subcommands:
            yield command
            return
        words = words[1:]
    words = _skip_options(words, wrapper.values)[wrapper.skipped :]
    if words[:1] == ["--"]:
        words = words[1:]
    yield replace(command, words=tuple(words)) if words else command


def _skip_options(words: list[str], values: frozenset[str]) -> list[str]:
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at] != "--":
        at += 2 if words[at] in values else 1
    return words[at:]


def _launched(command: Command) -> Command:
    """``torchrun --nproc-per-node 4 server.py …``: from the script or module on."""
    words = command.words
    for at, word in enumerate(words[1:], 1):
        if word in ("-m", "--module"):
            return replace(command, words=("python", "-m", *words[at + 1 :]))
        if word.endswith(".py") or "/bin/" in word:
            return replace(command, words=("python", *words[at:]))
    return command


def _container(command: Command) -> Command:
    """The command within ``docker run`` and its like, with image and environment."""
    words, name = list(command.words[1:]), command.program
    compose = name == "docker-compose" or words[:1] == ["compose"]
    while words and (words[0] in ("compose", "container") or words[0].startswith("-")):
        words = words[2 if words[0] in CONTAINER_VALUES else 1 :]
    if not words or words[0] not in RUNS:
        return command
    options = _Options()
    if name in ("kubectl", "oc"):
        end = words.index("--") if "--" in words else len(words)
        options.read(words[1:end], through=True)
        return Command(tuple(words[end + 1 :]), options.image, options.environment)
    rest = options.read(words[1:])
    image = rest[0] if rest and RUNS[words[0]] and not compose else ""
    inner = rest[1:] if not options.entry else [options.entry, *rest[1:]]
    return Command(tuple(inner), image.removeprefix("docker://"), options.environment)


@dataclass(slots=True)
class _Options:
    """The options of ``docker run`` that matter here."""

    image: str = ""
    entry: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def read(self, words: list[str], *, through: bool = False) -> list[str]:
        """Take the options from the front, or from everywhere; what follows them is given back."""
        while words and (through or words[0].startswith("-")) and words[0] != "--":
            option, equals, value = words[0].partition("=")
            words = words[1:]
            if not option.startswith("-"):
                continue
            if not equals and CONTAINER_FLAGS.fullmatch(option) is None and words:
                value, words = words[0], words[1:]
            self._take(option, value)
        return words

    def _take(self, option: str, value: str) -> None:
        match option:
            case "-e" | "--env":
                name, _, text = value.partition("=")
                self.environment[name] = text
            case "--entrypoint":
                self.entry = value
            case "--image":
                self.image = value
            case _:
                return
