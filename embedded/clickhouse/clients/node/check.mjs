// Runs the official Node client against the address given: query, parameters, formats, insert and read back, errors.
// Exits with an error at the first thing that differs.
import assert from "node:assert/strict";
import { createClient } from "@clickhouse/client";

const url = process.argv[2];
const table = "node_check";

async function rows(client, query, query_params) {
  return (await client.query({ query, query_params, format: "JSONEachRow" })).json();
}

async function check(client) {
  assert.equal((await client.ping()).success, true);

  assert.deepEqual(await rows(client, "SELECT {a:UInt8} + 1 AS x, {s:String} AS s", { a: 41, s: "it's; \t\n\\ \"q\"" }), [
    { x: 42, s: "it's; \t\n\\ \"q\"" },
  ]);
  assert.deepEqual(await rows(client, "SELECT {a:Array(String)} AS a, {m:Map(String, UInt8)} AS m", {
    a: ["x", "y'z"], m: { k: 1 },
  }), [{ a: ["x", "y'z"], m: { k: 1 } }]);

  await client.command({ query: `DROP TABLE IF EXISTS ${table}` });
  await client.command({
    query: `CREATE TABLE ${table} (id UInt32, name String, at DateTime64(3, 'UTC'), tags Array(String), n Nullable(Int64))
            ENGINE = MergeTree ORDER BY id`,
    clickhouse_settings: { wait_end_of_query: 1 },
  });
  const values = Array.from({ length: 5000 }, (_, i) => ({
    id: i, name: `name; '${i}'`, at: "2026-01-02 03:04:05.678", tags: ["a", `${i}`], n: i % 2 ? i : null,
  }));
  const { summary } = await client.insert({ table, values, format: "JSONEachRow" });
  assert.equal(summary.written_rows, "5000");
  const back = await rows(client, `SELECT * FROM ${table} ORDER BY id SETTINGS output_format_json_quote_64bit_integers = 0`);
  assert.deepEqual(back, values);

  const document = await (await client.query({ query: `SELECT count() AS c FROM ${table}`, format: "JSON" })).json();
  assert.equal(document.rows, 1);
  assert.equal(Number(document.data[0].c), 5000);

  let streamed = 0;
  const result = await client.query({ query: "SELECT number FROM numbers(200000)", format: "JSONEachRow" });
  for await (const part of result.stream()) streamed += part.length;
  assert.equal(streamed, 200000);

  await assert.rejects(rows(client, "SELECT * FROM no_such_table"), (e) => e.code === "60" && e.type === "UNKNOWN_TABLE");
  await assert.rejects(rows(client, "SELEC 1"), (e) => e.code === "62");
}

for (const compression of [{}, { request: true, response: true }]) {
  const client = createClient({ url, compression });
  await check(client);
  await client.close();
}
const session = createClient({ url, session_id: "node-session" });
await session.command({ query: "CREATE TEMPORARY TABLE kept (a UInt8)" });
await session.command({ query: "INSERT INTO kept VALUES (7)" });
assert.deepEqual(await rows(session, "SELECT a FROM kept"), [{ a: 7 }]);
await session.close();
console.log("ok");
