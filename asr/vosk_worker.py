"""The child that runs Vosk: `python -m asr.vosk_worker MODEL_FOLDER THREADS`. One model, one recognizer per stream.

It ends when its standard input ends or its parent dies. An error in Vosk ends it too: the parent starts another and
feeds it again, which is simpler to get right than mending a broken decoder.
"""

import ctypes
import json
import os
import signal
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO

import vosk

from asr.vosk_messages import HEADER, Ask, known_phrases, pack

_PR_SET_PDEATHSIG = 1
_NICENESS = 5
"""Below the event loop of the server (speech.md §7)."""

Message = tuple[Ask, int, int, bytes]


@dataclass(slots=True)
class Hearing:
    """One stream's recognizer and what it already made of the utterance under way."""

    recognizer: Any = None
    rate: int = 0
    grammar: str = "[]"
    results: list[dict[str, Any]] = field(default_factory=list)


class Thread:
    """Serves the streams that fall to it, one message after the other."""

    def __init__(self, model: Any, can_take_grammar: bool, answer: "Answers") -> None:
        self.waiting: SimpleQueue[Message | None] = SimpleQueue()
        self._model = model
        self._can_take_grammar = can_take_grammar
        self._answer = answer
        self._streams: dict[int, Hearing] = {}

    def serve(self) -> None:
        try:
            while message := self.waiting.get():
                self._handle(*message)
        finally:
            os._exit(1)

    def _handle(self, ask: Ask, stream: int, request: int, body: bytes) -> None:
        hearing = self._streams.setdefault(stream, Hearing())
        match ask:
            case Ask.BEGIN:
                self._begin(hearing, json.loads(body))
            case Ask.FEED:
                if hearing.recognizer.AcceptWaveform(body):
                    hearing.results.append(json.loads(hearing.recognizer.Result()))
            case Ask.PARTIAL:
                partial = json.loads(hearing.recognizer.PartialResult())
                self._answer.send(ask, stream, request, [*hearing.results, partial], hearing.grammar != "[]")
            case Ask.FINAL:
                hearing.results.append(json.loads(hearing.recognizer.FinalResult()))
                self._answer.send(ask, stream, request, hearing.results, hearing.grammar != "[]")
            case Ask.END:
                del self._streams[stream]
            case Ask.HELLO:
                self._answer.send(ask, stream, request, [], self._can_take_grammar)

    def _begin(self, hearing: Hearing, wish: dict[str, Any]) -> None:
        phrases = known_phrases(wish["phrases"], self._knows) if self._can_take_grammar else []
        grammar = json.dumps(phrases, ensure_ascii=False)
        if hearing.recognizer is None or hearing.rate != wish["rate"]:
            hearing.recognizer = vosk.KaldiRecognizer(self._model, wish["rate"])
            hearing.rate, hearing.grammar = wish["rate"], "[]"
            hearing.recognizer.SetWords(True)
            hearing.recognizer.SetPartialWords(True)
        hearing.recognizer.Reset()
        if grammar != hearing.grammar:
            hearing.recognizer.SetGrammar(grammar)
            hearing.grammar = grammar
        hearing.recognizer.SetMaxAlternatives(0 if phrases else wish["alternatives"])
        hearing.results = []

    def _knows(self, word: str) -> bool:
        return int(self._model.vosk_model_find_word(word)) >= 0


class Answers:
    """The way back to the parent, shared by all threads."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def send(self, ask: Ask, stream: int, request: int, results: list[dict[str, Any]], closed: bool) -> None:
        with self._lock:
            self._pipe.write(pack(ask, stream, request, {"results": results, "closed": closed}))
            self._pipe.flush()


def main(folder: Path, threads: int) -> None:
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.nice(_NICENESS)
    if os.getppid() != parent:
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = Answers(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(folder))
    can_take_grammar = (folder / "graph" / "Gr.fst").is_file() or (folder / "Gr.fst").is_file()
    served = [Thread(model, can_take_grammar, answers) for _ in range(threads)]
    for one in served:
        threading.Thread(target=one.serve, daemon=True).start()
    source = sys.stdin.buffer
    while len(header := source.read(HEADER.size)) == HEADER.size:
        ask, stream, request, size = HEADER.unpack(header)
        served[stream % threads].waiting.put((Ask(ask), stream, request, source.read(size)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
