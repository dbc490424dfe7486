import SQLDatabases
import TestServers
import Testing

@Suite(.enabled(if: Ground.postgres != nil, "PostgreSQL is not installed")) struct PostgresTypeTests {
    let ground: Ground
    init() throws { ground = try #require(Ground.postgres) }

    @Test func `every type comes as the type that holds it, at its extremes`() throws {
        try ground.server.run(
            """
            CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s', 'ü');
            CREATE DOMAIN small AS int CHECK (VALUE < 100);
            CREATE TABLE types (
              id int PRIMARY KEY, flag bool, s smallint, n int, big bigint, o oid, f real, d double precision, m numeric,
              c char(4), v varchar(20), t text, nm name, e mood, dom small, day date, at timestamp, atz timestamptz,
              clock time, clockz timetz, len interval, u uuid, b bit(3), j json, jb jsonb,
              tags text[], grid int[][], moods mood[], whens timestamptz[], prices numeric[]);
            SET timezone = 'Europe/Berlin';
            INSERT INTO types VALUES
              (1, true, -32768, -2147483648, -9223372036854775808, 4294967295, '-3.4028235e38', 1.7976931348623157e308,
               12345678901234567890.0123456789, 'a', 'ä😀', 'x', 'n', 'it''s', 99, '0001-01-01', '0001-01-01 00:00:00',
               '1970-01-01 01:00:01.5', '23:59:59.999999', '08:00:00+02', '1 year -2 mons 3 days -04:05:06.7',
               'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '101', '{"b": [1, 2.50], "a": null}', '{"b": 1e2}',
               '{a,NULL,"c d"}', '{{1,2},{3,4}}', '{ok,ü}', '{2024-12-31 01:00:00+01}', '{1.5,NaN,10}'),
              (2, false, 32767, 2147483647, 9223372036854775807, 0, 'NaN', '-Infinity', '-0.000000000001', '', '', '', '', 'sad', 0,
               '9999-12-31', '9999-12-31 23:59:59.999999', '2038-01-19 04:14:07.999+01', '24:00:00', '00:00:00-15:30', '0',
               '00000000-0000-0000-0000-000000000000', '000', '"text"', '[]', '{}', '{}', '{}', '{}', '{}');
            INSERT INTO types (id) VALUES (3);
            """)
        let rows = try ground.rows(table: "types")
        #expect(
            rows.types == [
                "id: integer", "flag: boolean", "s: integer", "n: integer", "big: integer", "o: integer",
                "f: number",
                "d: number", "m: number", "c: text", "v: text", "t: text", "nm: text",
                #"e: category ["sad", "ok", "it\'s", "ü"]"#, "dom: integer", "day: date", "at: timestamp",
                "atz: timestamp", "clock: text", "clockz: text", "len: text", "u: text", "b: text", "j: json",
                "jb: json", "tags: json", "grid: json", "moods: json", "whens: json", "prices: json",
            ])
        let lines = try rows.texts()
        #expect(
            lines == [
                "1, true, -32768, -2147483648, -9223372036854775808, 4294967295, -3.4028234663852886e+38, "
                    + "1.7976931348623157e+308, 1.2345678901234567e+19, a   , ä😀, x, n, it's, 99, 0001-01-01, "
                    + "0001-01-01T00:00:00Z, 1970-01-01T00:00:01.500000Z, 23:59:59.999999, 08:00:00+02:00, "
                    + "P10M3DT-4H-5M-6.7S, a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11, 101, "
                    + #"{"a":null,"b":[1,2.5]}, {"b":100}, ["a",null,"c d"], [[1,2],[3,4]], ["ok","ü"], "#
                    + #"["2024-12-31T00:00:00Z"], [1.5,"NaN",10]"#,
                "2, false, 32767, 2147483647, 9223372036854775807, 0, nan, -inf, -1e-12,     , , , , sad, 0, 9999-12-31, "
                    + "9999-12-31T23:59:59.999999Z, 2038-01-19T03:14:07.999000Z, 24:00:00, 00:00:00-15:30, PT0S, "
                    + #"00000000-0000-0000-0000-000000000000, 000, "text", [], [], [], [], [], []"#,
                "3" + String(repeating: ", -", count: 29),
            ])
    }
}
