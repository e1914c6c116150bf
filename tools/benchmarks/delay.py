"""A proxy that delays each response of a backend.

Responses do not wait for each other: each is delayed by the same time from its arrival.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536
HOST = "127.0.0.1"


@contextmanager
def delayed(url: str, seconds: float) -> Iterator[str]:
    """Yield the URL of a proxy to `url` that delays each response by `seconds`; without a delay, yield `url`."""
    if not seconds:
        yield url
        return
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(_listen(url, seconds), loop).result()
    try:
        yield f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _listen(url: str, seconds: float) -> asyncio.Server:
    parts = urlsplit(url)

    async def connect(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        backend, to_backend = await asyncio.open_connection(parts.hostname, parts.port)
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(_forward(client, to_backend, 0), _forward(backend, to_client, seconds))
        for writer in (to_backend, to_client):
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    return await asyncio.start_server(connect, HOST, 0)


async def _close(server: asyncio.Server) -> None:
    server.close()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def _forward(source: asyncio.StreamReader, target: asyncio.StreamWriter, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    while chunk := await source.read(CHUNK_BYTES):
        loop.call_later(seconds, target.write, chunk)
    await asyncio.sleep(seconds)
    target.close()
