"""Several who ask for the same kind of thing at the same time are answered by one transaction.

A transaction costs about the same for one message as for eight. While one runs, whoever asks next is gathered, and all
of them make up the one after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Together(Generic[Question, Answer]):
    """`work` gets all questions that were asked while it last ran, and answers each in the same order."""

    def __init__(self, work: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]]) -> None:
        self._work = work
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._running: asyncio.Task[None] | None = None

    async def ask(self, question: Question) -> Answer:
        """The answer. Raises what `work` raised for the round that this question was in."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._running is None:
            self._running = asyncio.create_task(self._answer_all())
        return await answer

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                round_, self._waiting = self._waiting, []
                await self._answer(round_)
        finally:
            self._running = None

    async def _answer(self, round_: list[tuple[Question, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._work([question for question, _ in round_])
        except Exception as error:
            for _, waiting in round_:
                if not waiting.done():
                    waiting.set_exception(error)
            return
        for (_, waiting), answer in zip(round_, answers, strict=True):
            if not waiting.done():  # whoever lost patience is gone
                waiting.set_result(answer)
