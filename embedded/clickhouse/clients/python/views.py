"""Reads every view of database rapport with clickhouse-connect: columns and types as documented, and known figures.

Arguments: the address, the list of columns. Exits with an error at the first thing that differs.
"""

import datetime
import sys

import clickhouse_connect

UTC = datetime.timezone.utc
DAY = datetime.date(2026, 3, 1)
NOON = datetime.datetime(2026, 3, 1, 12, tzinfo=UTC)


def equal(got, want, what=""):
    if got != want:
        raise SystemExit(f"{what}\n got {got!r}\nwant {want!r}")


def documented(path):
    views = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            view, name, kind = line.rstrip("\n").split("\t")
            views.setdefault(view, []).append((name, kind))
    return views


def check(client, views):
    def rows(sql):
        # With their zone: a time without one is easily taken for local.
        return [tuple(r) for r in client.query(sql, tz_mode="aware").result_rows]

    equal([r[0] for r in rows("SELECT name FROM system.tables WHERE database = 'rapport' ORDER BY name")], sorted(views))
    for view, columns in views.items():
        result = client.query(f"SELECT * FROM {view} LIMIT 100")
        # Native blocks of revision 0, which libchdb writes, leave the zone out of DateTime (not of DateTime64); the engine's own is UTC.
        columns = [(name, "DateTime" if kind == "DateTime('UTC')" else kind) for name, kind in columns]
        equal(list(zip(result.column_names, (t.name for t in result.column_types), strict=True)), columns, view)
        if not result.result_rows:
            raise SystemExit(f"{view} has no row")

    at = NOON + datetime.timedelta(minutes=30, microseconds=1)
    equal(
        rows("""SELECT response_id, occurred_at, hour, region, labels, valid, satisfaction_index, nps, ces, resolved_first_contact, comment
                FROM survey_responses ORDER BY response_id"""),
        [
            ("bare", at, NOON, "", {}, True, 90.0, None, 6, None, ""),
            ("full", at, NOON, "north", {"shop": "a", "店": "b"}, True, 80.0, 9, None, True, "好; it's \"fine\"\n\t\\"),
        ],
    )
    for time in rows("SELECT occurred_at, hour FROM survey_responses LIMIT 1")[0]:
        equal(time.utcoffset(), datetime.timedelta(0), "zone")
    equal(
        rows("SELECT response_id, score, score_100, expectation, importance, reasons FROM survey_answers ORDER BY response_id"),
        [("bare", 9, 90.0, None, None, []), ("full", 8, 80.0, 10, None, ["slow", "it's far"])],
    )
    equal(
        rows("SELECT day, n, satisfaction_index, csat_top2, nps, ces, dissatisfied_share FROM satisfaction_by_cut_daily WHERE cut = ''"),
        [(DAY, 2, 85.0, 100.0, 100.0, 6.0, 0.0)],
    )
    equal(
        rows("SELECT cut_value, nps FROM satisfaction_by_cut_daily WHERE cut = 'region' ORDER BY cut_value"),
        [("", None), ("north", 100.0)],
    )
    equal(rows("SELECT dimension_score FROM dimension_by_cut_daily WHERE cut = ''"), [(85.0,)])
    equal(
        rows("""SELECT received, accepted, rejected, late, unexplained, pending, pending_as_of FROM data_quality
                WHERE topic = 'rapport.survey-responses'"""),
        [(5, 3, 1, 1, 0, 2, NOON)],
    )
    equal(rows("SELECT value, headers, appended_at FROM dead_letters"), [("\0\"", {"content-type": "x"}, NOON)])


def main():
    host, port = sys.argv[1].removeprefix("http://").split(":")
    views = documented(sys.argv[2])
    for compress in (False, "lz4", "zstd"):
        # As docs/views.md says to read: nothing can be changed.
        client = clickhouse_connect.get_client(host=host, port=int(port), database="rapport", compress=compress, settings={"readonly": "2"})
        check(client, views)
        client.close()
    print("ok")


main()
