"""Runs clickhouse-connect against the address given: query, parameters, insert and read back, formats, errors.

Exits with an error at the first thing that differs.
"""

import datetime
import decimal
import sys
import uuid

import clickhouse_connect
from clickhouse_connect.driver.exceptions import DatabaseError

TABLE = "python_check"


def equal(got, want):
    if got != want:
        raise SystemExit(f"got {got!r}, want {want!r}")


def check(client):
    equal(client.ping(), True)
    equal(client.query("SELECT {a:UInt8} + 1, {s:String}", parameters={"a": 41, "s": "it's; \t\n\\ \"q\""}).result_rows,
          [(42, "it's; \t\n\\ \"q\"")])
    equal(client.query("SELECT %(x)s", parameters={"x": "client side"}).result_rows, [("client side",)])

    client.command(f"DROP TABLE IF EXISTS {TABLE}")
    client.command(
        f"""CREATE TABLE {TABLE} (id UInt32, name String, kind LowCardinality(String), at DateTime64(3, 'UTC'),
            tags Array(String), attributes Map(String, UInt64), n Nullable(Int64), big UInt128, d Decimal(18, 4), u UUID,
            pair Tuple(a Int8, b String), dim LowCardinality(Nullable(String)))
            ENGINE = MergeTree ORDER BY id COMMENT 'a comment'"""
    )
    at = datetime.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=datetime.timezone.utc)
    rows = [
        (i, f"name; '{i}' \0", f"k{i % 3}", at, ["a", str(i)], {"k": i}, None if i % 2 else i, 1 << 100,
         decimal.Decimal("1.2500"), uuid.UUID(int=i), (i % 100, "b"), None if i % 5 else f"d{i % 7}")
        for i in range(5000)
    ]
    equal(client.insert(TABLE, rows).written_rows, 5000)
    back = client.query(f"SELECT * FROM {TABLE} ORDER BY id", query_tz="UTC")
    got = [tuple(tuple(v.values()) if c == 10 and isinstance(v, dict) else v for c, v in enumerate(r)) for r in back.result_rows]
    for have, want in zip(got, rows, strict=True):
        have = tuple(v.replace(tzinfo=datetime.timezone.utc) if isinstance(v, datetime.datetime) else v for v in have)
        equal(have, want)
    equal(back.column_names[:3], ("id", "name", "kind"))

    equal(client.command(f"SELECT count() FROM {TABLE}"), 5000)
    equal(client.query(f"SELECT id FROM {TABLE} WHERE id < 0").result_rows, [])
    equal(client.raw_query("SELECT 1 AS x, 'a,b' AS s", fmt="CSVWithNames"), b'"x","s"\n1,"a,b"\n')
    with client.query_row_block_stream("SELECT number FROM numbers(200000)") as stream:
        equal(sum(len(block) for block in stream), 200000)
    equal(client.query("SELECT value FROM system.settings WHERE name = 'max_threads'", settings={"max_threads": 1}).result_rows,
          [("1",)])

    for sql, text in (("SELECT * FROM no_such_table", "Code: 60"), ("SELEC 1", "Code: 62")):
        try:
            client.query(sql)
        except DatabaseError as e:
            if text not in str(e) and text.lower().replace(": ", " ") not in str(e).lower():
                raise SystemExit(f"error of {sql!r} was {e}")
        else:
            raise SystemExit(f"{sql!r} did not fail")


def main():
    host, port = sys.argv[1].removeprefix("http://").split(":")
    for compress in (False, "lz4", "zstd", "gzip"):
        client = clickhouse_connect.get_client(host=host, port=int(port), compress=compress)
        check(client)
        client.command("CREATE TEMPORARY TABLE kept (a UInt8)")
        client.command("INSERT INTO kept VALUES (7)")
        equal(client.query("SELECT a FROM kept").result_rows, [(7,)])
        client.close()
    print("ok")


main()
