"""A backend that takes its time: a proxy that passes each answer on, a while after it has come.

Answers do not wait for each other: what comes while another one is held back is held back for as long, not longer.
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
    """Give a URL at which the backend at `url` answers `seconds` late; at once where they are 0."""
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
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _listen(url: str, seconds: float) -> asyncio.Server:
    parts = urlsplit(url)

    async def connect(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        backend, to_backend = await asyncio.open_connection(parts.hostname, parts.port)
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(_pass_on(client, to_backend, 0), _pass_on(backend, to_client, seconds))
        for writer in (to_backend, to_client):
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    return await asyncio.start_server(connect, HOST, 0)


async def _end(server: asyncio.Server) -> None:
    server.close()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    while chunk := await source.read(CHUNK_BYTES):
        loop.call_later(seconds, target.write, chunk)
    await asyncio.sleep(seconds)
    target.close()
