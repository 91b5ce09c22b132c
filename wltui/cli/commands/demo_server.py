"""``wltui demo-server``: serve the embedded Wallaroo alone."""

import argparse
import signal

from wltui.cli.arguments import parse_amount, parse_port, parse_positive, parse_share, parse_whole
from wltui.cli.command import explain
from wltui.lifecycle.console import EXIT_CODES, say, say_error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags and the help."""
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    add("--port", type=parse_port, default=0, help="0, which is the default, for any free one")
    releases = ("2026.1", "2025.2", "2025.1", "2023.4")
    add("--api", choices=releases, default="2026.1", help="the release to answer as (2026.1)")
    accesses = ("whole", "partial", "refused", "absent")
    add("--graphql", choices=accesses, default="whole", help="how much of GraphQL there is (whole)")
    faults = (
        "none", "memory", "storage", "s3", "foreign-key", "early-close", "too-large", "unauthorized", "cut",
        "lost-before", "lost-answer", "overtaken", "slow",
    )  # fmt: skip
    add(
        "--upload-fault",
        choices=faults,
        default="none",
        metavar="FAULT",
        help=f"how uploads fail: {', '.join(faults)}",
    )
    add("--models", metavar="N", type=parse_positive, help="how many models")
    add("--versions", metavar="N", type=parse_positive, help="how many model versions")
    add("--seed", metavar="N", type=parse_whole, default=1, help="other data for each number (1)")
    add(
        "--latency", metavar="MS", type=parse_amount, default=0.0, help="milliseconds before every answer (0)"
    )
    add(
        "--failures",
        metavar="RATE",
        type=parse_share,
        default=0.0,
        help="share of calls that fail, 0 to 1 (0)",
    )
    explain(
        parser,
        "Serve the embedded Wallaroo of wltui --demo until it is stopped.",
        ["wltui demo-server --port 8080 --api 2025.1", "wltui demo-server --models 500 --latency 200"],
        {0: "ended by ctrl+c", 1: "it cannot listen there", 143: EXIT_CODES[143]},
        usual=(2,),
        notes="The first line of its output is its address. Its users are demo and guest, each with the name as\n"
        "password.",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped, and return the exit code."""
    import asyncio

    from wltui.demo import Demo

    demo = Demo(
        seed=arguments.seed,
        models=arguments.models,
        versions=arguments.versions,
        api=arguments.api,
        latency_ms=arguments.latency,
        failures=arguments.failures,
        graphql=arguments.graphql,
        upload_fault=arguments.upload_fault,
        host=arguments.host,
        port=arguments.port,
    )

    async def serve() -> int:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        code = 0

        def end(number: int) -> None:
            nonlocal code
            code = 0 if number == signal.SIGINT else 128 + number
            ended.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end, number)
        say(demo.url)
        serving = asyncio.create_task(demo.serve_forever())
        await ended.wait()
        serving.cancel()
        await asyncio.wait([serving])
        return code

    try:
        demo.bind()
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]  # the address would follow again
        say_error(f"cannot listen on {arguments.host}:{arguments.port}: {reason}")
        return 1
    return asyncio.run(serve())
