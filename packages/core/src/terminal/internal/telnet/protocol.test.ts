import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BINARY,
  CR,
  DO,
  DONT,
  ECHO,
  IAC,
  IS,
  LF,
  NUL,
  SB,
  SE,
  SEND,
  SUPPRESS_GO_AHEAD,
  TERMINAL_TYPE,
  WILL,
  WINDOW_SIZE,
  WONT,
} from "./codes.js";
import { TelnetProtocol } from "./protocol.js";

const LINE_MODE = 34;
const ENVIRON = 39;
/** What this end says to the first command it hears. */
const OPENING = [IAC, DO, SUPPRESS_GO_AHEAD];

function client({ cols = 80, rows = 24, answers = 1_000 } = {}): TelnetProtocol {
  let left = answers;
  return new TelnetProtocol({ cols, rows, mayAnswer: () => left-- > 0 });
}

function read(protocol: TelnetProtocol, ...bytes: number[]): { readonly data: number[]; readonly answer: number[] } {
  const { data, answer } = protocol.receive(Uint8Array.from(bytes));
  return { data: [...data], answer: [...answer] };
}

/** A client that has heard a command, so that its opening is out of the way. */
function talking(options: Parameters<typeof client>[0] = {}): TelnetProtocol {
  const protocol = client(options);
  read(protocol, IAC, WILL, SUPPRESS_GO_AHEAD);
  return protocol;
}

describe("negotiation", () => {
  it("says nothing to an end that does not speak Telnet", () => {
    expect(read(client(), ...Buffer.from("login: "))).toEqual({ data: [...Buffer.from("login: ")], answer: [] });
  });

  it("opens once, when it hears the first command, and takes the agreement as an answer to that", () => {
    const protocol = client();
    expect(read(protocol, IAC, WILL, SUPPRESS_GO_AHEAD).answer).toEqual(OPENING);
    expect(read(protocol, IAC, WILL, SUPPRESS_GO_AHEAD).answer).toEqual([]);
  });

  it.each([
    ["WILL ECHO", [WILL, ECHO], [DO, ECHO]],
    ["WILL BINARY", [WILL, BINARY], [DO, BINARY]],
    ["WILL TERMINAL-TYPE", [WILL, TERMINAL_TYPE], [DONT, TERMINAL_TYPE]],
    ["DO TERMINAL-TYPE", [DO, TERMINAL_TYPE], [WILL, TERMINAL_TYPE]],
    ["DO SUPPRESS-GO-AHEAD", [DO, SUPPRESS_GO_AHEAD], [WILL, SUPPRESS_GO_AHEAD]],
    ["DO BINARY", [DO, BINARY], [WILL, BINARY]],
    ["DO ECHO", [DO, ECHO], [WONT, ECHO]],
    ["DO ENVIRON, which would hand out variables", [DO, ENVIRON], [WONT, ENVIRON]],
    ["DO LINEMODE", [DO, LINE_MODE], [WONT, LINE_MODE]],
    ["WONT of what was never on", [WONT, ECHO], null],
    ["DONT of what was never on", [DONT, TERMINAL_TYPE], null],
  ])("answers %s", (_what, said, answer) => {
    expect(read(talking(), IAC, ...said).answer).toEqual(answer ? [IAC, ...answer] : []);
  });

  it("answers each change once, and a repetition never", () => {
    const protocol = talking();
    const rounds = [WILL, WILL, WONT, WONT, WILL].map((verb) => read(protocol, IAC, verb, ECHO).answer);
    expect(rounds).toEqual([[IAC, DO, ECHO], [], [IAC, DONT, ECHO], [], [IAC, DO, ECHO]]);
  });

  it("answers ten thousand WILL ECHO with one agreement", () => {
    const flood = Array.from({ length: 10_000 }, () => [IAC, WILL, ECHO]).flat();
    expect(read(talking(), ...flood).answer).toEqual([IAC, DO, ECHO]);
  });

  it("falls silent where it may answer no more, and says so", () => {
    const protocol = client({ answers: 10 });
    const flood = Array.from({ length: 1_000 }, (_, index) => [IAC, DO, 40 + (index % 200)]).flat();
    expect(read(protocol, ...flood).answer).toHaveLength(30);
    expect(protocol.flooded).toBe(true);
    expect(read(protocol, 65, IAC, DO, ENVIRON)).toEqual({ data: [65], answer: [] });
  });

  it("never talks for ever with another end that follows the same rules", () => {
    fc.assert(
      fc.property(fc.uniqueArray(negotiation(), { maxLength: 50, selector: ([, , option]) => option }), (start) => {
        const [near, far] = [client(), client()];
        let pending = [...near.receive(Uint8Array.from(start.flat())).answer];
        let turns = 0;
        for (let turn = far; pending.length > 0; turn = turn === far ? near : far) {
          pending = read(turn, ...pending).answer;
          expect(++turns).toBeLessThan(10);
        }
      }),
    );
  });
});

describe("terminal type", () => {
  const ask = [IAC, SB, TERMINAL_TYPE, SEND, IAC, SE];
  const named = (name: string) => [IAC, SB, TERMINAL_TYPE, IS, ...Buffer.from(name), IAC, SE];

  it("names its types in turn and repeats the last", () => {
    const protocol = talking();
    read(protocol, IAC, DO, TERMINAL_TYPE);
    const answers = [1, 2, 3, 4].map(() => read(protocol, ...ask).answer);
    expect(answers).toEqual(["XTERM-256COLOR", "XTERM", "VT100", "VT100"].map(named));
  });

  it("says nothing before the option is agreed, nor to another question", () => {
    expect(read(talking(), ...ask).answer).toEqual([]);
    const protocol = talking();
    read(protocol, IAC, DO, TERMINAL_TYPE);
    expect(read(protocol, IAC, SB, TERMINAL_TYPE, IS, IAC, SE).answer).toEqual([]);
    expect(read(protocol, IAC, SB, TERMINAL_TYPE, SEND, SEND, IAC, SE).answer).toEqual([]);
  });
});

describe("window size", () => {
  it("tells it when asked, and again when it changes, 255 doubled", () => {
    const protocol = talking({ cols: 100, rows: 30 });
    expect(read(protocol, IAC, DO, WINDOW_SIZE).answer).toEqual(
      [IAC, WILL, WINDOW_SIZE].concat([IAC, SB, WINDOW_SIZE, 0, 100, 0, 30, IAC, SE]),
    );
    expect([...protocol.resize(255, 511)]).toEqual([IAC, SB, WINDOW_SIZE, 0, IAC, IAC, 1, IAC, IAC, IAC, SE]);
  });

  it("keeps it to itself until asked, then tells the newest", () => {
    const protocol = talking();
    expect([...protocol.resize(132, 43)]).toEqual([]);
    expect(read(protocol, IAC, DO, WINDOW_SIZE).answer.slice(3)).toEqual(
      [IAC, SB, WINDOW_SIZE].concat([0, 132, 0, 43, IAC, SE]),
    );
    read(protocol, IAC, DONT, WINDOW_SIZE);
    expect([...protocol.resize(80, 24)]).toEqual([]);
  });
});

describe("data", () => {
  it("reads 0xFF doubled, and CR NUL as CR", () => {
    expect(read(client(), 65, IAC, IAC, CR, NUL, CR, LF, CR, 66, NUL).data).toEqual([65, IAC, CR, CR, LF, CR, 66, NUL]);
  });

  it("takes NUL after CR as it is once the other end sends binary", () => {
    const protocol = talking();
    read(protocol, IAC, WILL, BINARY);
    expect(read(protocol, CR, NUL).data).toEqual([CR, NUL]);
  });

  it("leaves commands without data out: NOP, data mark, go ahead, are-you-there", () => {
    expect(read(client(), 65, IAC, 241, IAC, 242, IAC, 249, IAC, 246, 66)).toEqual({ data: [65, 66], answer: [] });
  });

  it("sends 0xFF doubled and CR as CR NUL, but CR LF as it is", () => {
    const sent = client().encode(Uint8Array.from([65, IAC, CR, CR, LF, LF]));
    expect([...sent]).toEqual([65, IAC, IAC, CR, NUL, CR, LF, LF]);
  });

  it("sends CR as it is once binary is agreed", () => {
    const protocol = talking();
    read(protocol, IAC, DO, BINARY);
    expect([...protocol.encode(Uint8Array.from([CR, 65, IAC]))]).toEqual([CR, 65, IAC, IAC]);
  });

  it("brings over the wire what was sent, whatever it was", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const wire = client().encode(bytes);
        expect([...client().receive(wire).data]).toEqual([...bytes]);
      }),
    );
  });
});

describe("subnegotiation", () => {
  it("keeps a bounded part of one without end, and none of it becomes data", () => {
    const protocol = talking();
    expect(read(protocol, IAC, SB, ENVIRON, ...new Uint8Array(100_000)).data).toEqual([]);
    expect(read(protocol, IAC, SE, 65).data).toEqual([65]);
  });

  it("takes another command for its end when the end is missing", () => {
    expect(read(talking(), IAC, SB, ENVIRON, 1, IAC, WILL, ECHO, 65)).toEqual({ data: [65], answer: [IAC, DO, ECHO] });
  });
});

describe("chunks", () => {
  it("makes no difference to what is read and answered", () => {
    const noise = fc.oneof(fc.uint8Array({ maxLength: 20 }), negotiation(), subnegotiation());
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 40 }), fc.array(fc.nat(30)), (parts, cuts) => {
        const stream = parts.flatMap((part) => [...part]);
        expect(inPieces(stream, cuts)).toEqual(read(client(), ...stream));
      }),
    );
  });

  it("makes none byte by byte either", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(negotiation(), subnegotiation()), { maxLength: 40 }), (parts) => {
        const stream = parts.flat();
        const bytewise = stream.map(() => 1);
        expect(inPieces(stream, bytewise)).toEqual(read(client(), ...stream));
      }),
    );
  });
});

function negotiation(): fc.Arbitrary<number[]> {
  const verb = fc.constantFrom(WILL, WONT, DO, DONT);
  const option = fc.oneof(fc.constantFrom(BINARY, ECHO, SUPPRESS_GO_AHEAD, TERMINAL_TYPE, WINDOW_SIZE), fc.nat(255));
  return fc.tuple(verb, option).map(([said, about]) => [IAC, said, about]);
}

function subnegotiation(): fc.Arbitrary<number[]> {
  const inside = fc.array(fc.oneof(fc.constantFrom(SEND, IS, IAC), fc.nat(255)), { maxLength: 10 });
  return inside.map((bytes) => [IAC, SB, TERMINAL_TYPE, ...bytes, IAC, SE]);
}

function inPieces(stream: readonly number[], cuts: readonly number[]): { data: number[]; answer: number[] } {
  const protocol = client();
  const all = { data: [] as number[], answer: [] as number[] };
  let from = 0;
  for (const length of [...cuts, stream.length]) {
    const { data, answer } = read(protocol, ...stream.slice(from, from + length));
    all.data.push(...data);
    all.answer.push(...answer);
    from += length;
  }
  return all;
}
