/** Commands: RFC 854. */
export const IAC = 255;
export const DONT = 254;
export const DO = 253;
export const WONT = 252;
export const WILL = 251;
/** Subnegotiation begins. */
export const SB = 250;
/** Subnegotiation ends. */
export const SE = 240;

/** Marks where output that an interrupt made worthless ends. */
export const DATA_MARK = 242;
export const INTERRUPT_PROCESS = 244;
/** RFC 1184. */
export const ABORT = 238;

/** Options: RFC 856, 857, 858, 1091, 1073. */
export const BINARY = 0;
export const ECHO = 1;
export const SUPPRESS_GO_AHEAD = 3;
export const TERMINAL_TYPE = 24;
export const WINDOW_SIZE = 31;

/** Commands inside a terminal-type subnegotiation: RFC 1091. */
export const IS = 0;
export const SEND = 1;

export const NUL = 0;
export const CR = 13;
export const LF = 10;
