import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqlite } from "./open-sqlite.js";
import type { SqliteDatabase } from "./sqlite-database.js";

let directory: string;
let database: SqliteDatabase;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-sqlite-"));
  database = openSqlite(join(directory, "port.db"));
  database.exec("create table kept (value)");
});

afterEach(async () => {
  database.close();
  await rm(directory, { recursive: true, force: true });
});

function keep(value: unknown): unknown {
  database.run("insert into kept values (?)", [value]);
  return database.all("select value, typeof(value) as type from kept", [])[0];
}

class Money {
  readonly amount = 1;
}

describe("bind guard", () => {
  it.each<[string, unknown, string]>([
    ["a boolean", true, "a value of type boolean"],
    ["undefined", undefined, "a value of type undefined"],
    ["a Date", new Date(0), "an instance of Date"],
    ["an object", { a: 1 }, "an instance of Object"],
    ["an object without prototype", Object.create(null), "an object"],
    ["an object that lies about its constructor", { constructor: 5 }, "an object"],
    ["an array", [1], "an instance of Array"],
    ["a class instance", new Money(), "an instance of Money"],
    ["a Map", new Map(), "an instance of Map"],
    ["a function", () => 1, "a value of type function"],
    ["a symbol", Symbol("x"), "a value of type symbol"],
    ["a boxed string", new String("x"), "an instance of String"],
    ["an ArrayBuffer", new ArrayBuffer(2), "an instance of ArrayBuffer"],
    ["a Float64Array", new Float64Array(1), "an instance of Float64Array"],
    ["NaN", Number.NaN, "NaN"],
    ["an integer of 65 bits", 2n ** 63n, "an integer of more than 64 bits"],
    ["a negative integer of 65 bits", -(2n ** 63n) - 1n, "an integer of more than 64 bits"],
    ["a number the driver takes for zero", 1e-17, "a number this close to zero"],
    ["text with NUL", "a\0b", "text with a NUL character"],
    ["half a surrogate pair", "a\ud83d", "text with half a surrogate pair"],
  ])("refuses %s with a TypeError that names the parameter", (_name, value, what) => {
    const message = `SQL parameter 2: ${what} cannot be bound; convert it first`;
    expect(() => database.run("insert into kept values (? || ?)", ["", value])).toThrow(new TypeError(message));
    expect(() => database.all("select ?, ?", [1, value])).toThrow(new TypeError(message));
    expect(database.all("select * from kept", [])).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ["null", null, "null"],
    ["zero", 0, "integer"],
    ["an integer", -42, "integer"],
    ["the largest safe integer", 2 ** 53 - 1, "integer"],
    ["an integer above 2^53", 2n ** 53n + 1n, "integer"],
    ["the largest integer", 2n ** 63n - 1n, "integer"],
    ["the smallest integer", -(2n ** 63n), "integer"],
    ["a fraction", 0.1, "real"],
    ["a huge number", 1.7976931348623157e308, "real"],
    ["a small number", 1e-15, "real"],
    ["a tiny negative number", -5e-324, "real"],
    ["a whole number above 2^53", 2 ** 60, "real"],
    ["infinity", Number.POSITIVE_INFINITY, "real"],
    ["empty text", "", "text"],
    ["emoji", "👩‍👩‍👧‍👦🇪🇺", "text"],
    ["a megabyte of text", "é".repeat(2 ** 20), "text"],
    ["SQL in text", "'; drop table kept; --", "text"],
    ["bytes", new Uint8Array([0, 1, 255, 0]), "blob"],
    ["no bytes", new Uint8Array(0), "blob"],
    ["a part of a larger buffer", new Uint8Array([9, 1, 2, 9]).subarray(1, 3), "blob"],
  ])("keeps %s", (_name, value, type) => {
    expect(keep(value)).toEqual({ value, type });
  });

  it("reads a bigint that fits a number as a number", () => {
    expect(keep(7n)).toEqual({ value: 7, type: "integer" });
  });

  it("takes a Buffer and hands back bytes", () => {
    expect(keep(Buffer.from([0, 200]))).toEqual({ value: new Uint8Array([0, 200]), type: "blob" });
  });
});

describe("port", () => {
  it("counts changed rows and knows whether a transaction is open", () => {
    expect(database.inTransaction()).toBe(false);
    database.exec("begin immediate");
    expect(database.inTransaction()).toBe(true);
    expect(database.run("insert into kept values (1), (2)", [])).toBe(2);
    database.exec("rollback");
    expect(database.inTransaction()).toBe(false);
    expect(database.run("delete from kept", [])).toBe(0);
  });

  it("throws, and goes on working, after wrong SQL and wrong numbers of parameters", () => {
    expect(() => database.all("select nonsense from nowhere", [])).toThrow();
    expect(() => database.run("insert into kept values (?)", [1, 2])).toThrow();
    expect(keep("still here")).toEqual({ value: "still here", type: "text" });
  });

  it("throws after close", () => {
    const other = openSqlite(join(directory, "other.db"));
    other.close();
    expect(() => other.all("select 1", [])).toThrow();
    expect(() => other.exec("select 1")).toThrow();
  });
});
