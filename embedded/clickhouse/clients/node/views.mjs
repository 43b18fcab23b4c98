// Reads every view of database rapport with the official Node client: columns and types as documented in the file given, and
// known figures. Arguments: the address, the list of columns. Exits with an error at the first thing that differs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createClient } from "@clickhouse/client";

const [url, list] = process.argv.slice(2);
const documented = new Map();
for (const line of readFileSync(list, "utf8").trimEnd().split("\n")) {
  const [view, name, type] = line.split("\t");
  if (!documented.has(view)) documented.set(view, []);
  documented.get(view).push([name, type]);
}

async function check(client) {
  const read = async (query, format) => (await client.query({ query, format })).json();

  const views = await read("SELECT name FROM system.tables WHERE database = 'rapport' ORDER BY name", "JSONEachRow");
  assert.deepEqual(views.map((v) => v.name), [...documented.keys()].sort());
  for (const [view, columns] of documented) {
    const [names, types, ...rows] = await read(`SELECT * FROM ${view} LIMIT 100`, "JSONCompactEachRowWithNamesAndTypes");
    assert.deepEqual(names.map((name, i) => [name, types[i]]), columns, view);
    assert.ok(rows.length > 0, `${view} has no row`);
    const document = await read(`SELECT * FROM ${view} LIMIT 100`, "JSON");
    assert.deepEqual(document.meta.map((c) => [c.name, c.type]), columns, view);
    assert.equal(document.rows, rows.length, view);
  }

  const responses = await read(`SELECT response_id, occurred_at, hour, region, labels, valid, satisfaction_index, nps, ces,
    resolved_first_contact, comment FROM survey_responses ORDER BY response_id`, "JSONEachRow");
  const both = { occurred_at: "2026-03-01 12:30:00.000001", hour: "2026-03-01 12:00:00", valid: true };
  assert.deepEqual(responses, [
    { response_id: "bare", ...both, region: "", labels: {}, satisfaction_index: 90, nps: null, ces: 6, resolved_first_contact: null, comment: "" },
    { response_id: "full", ...both, region: "north", labels: { shop: "a", "店": "b" }, satisfaction_index: 80, nps: 9, ces: null,
      resolved_first_contact: true, comment: "好; it's \"fine\"\n\t\\" },
  ]);
  assert.deepEqual(
    await read("SELECT response_id, score, score_100, expectation, importance, reasons FROM survey_answers ORDER BY response_id", "JSONEachRow"), [
      { response_id: "bare", score: 9, score_100: 90, expectation: null, importance: null, reasons: [] },
      { response_id: "full", score: 8, score_100: 80, expectation: 10, importance: null, reasons: ["slow", "it's far"] },
    ]);
  const figures = `SELECT toUInt32(n) AS responses, satisfaction_index, csat_top2, nps, ces, dissatisfied_share FROM`;
  const want = [{ responses: 2, satisfaction_index: 85, csat_top2: 100, nps: 100, ces: 6, dissatisfied_share: 0 }];
  assert.deepEqual(await read(`${figures} satisfaction_by_cut_daily WHERE cut = '' AND day = '2026-03-01'`, "JSONEachRow"), want);
  assert.deepEqual(await read("SELECT day, cut_value, nps FROM satisfaction_by_cut_daily WHERE cut = 'region' ORDER BY cut_value", "JSONEachRow"), [
    { day: "2026-03-01", cut_value: "", nps: null }, { day: "2026-03-01", cut_value: "north", nps: 100 },
  ]);
  assert.deepEqual(await read("SELECT dimension_score FROM dimension_by_cut_daily WHERE cut = ''", "JSONEachRow"), [{ dimension_score: 85 }]);
  assert.deepEqual(await read(`SELECT toUInt32(received) AS a, toUInt32(accepted) AS b, toUInt32(rejected) AS c, toUInt32(late) AS d,
    toInt32(unexplained) AS e, toUInt32(pending) AS f, pending_as_of FROM data_quality WHERE topic = 'rapport.survey-responses'`, "JSONEachRow"),
  [{ a: 5, b: 3, c: 1, d: 1, e: 0, f: 2, pending_as_of: "2026-03-01 12:00:00.000" }]);
  assert.deepEqual(await read("SELECT value, headers, appended_at FROM dead_letters", "JSONEachRow"), [
    { value: "\0\"", headers: { "content-type": "x" }, appended_at: "2026-03-01 12:00:00.000" },
  ]);
}

for (const compression of [{}, { response: true }]) {
  // As docs/views.md says to read: nothing can be changed.
  const client = createClient({ url, database: "rapport", compression, clickhouse_settings: { readonly: "2" } });
  await check(client);
  await client.close();
}
console.log("ok");
