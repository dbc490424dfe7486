import SQLDatabases
import TestServers
import Testing

@Suite(.enabled(if: Ground.mysql != nil, "MariaDB is not installed")) struct MySQLTypeTests {
    let ground: Ground
    init() throws { ground = try #require(Ground.mysql) }

    @Test func `every type comes as the type that holds it, at its extremes`() throws {
        try ground.server.run(
            """
            CREATE TABLE types (
              id INT PRIMARY KEY, flag TINYINT(1), tiny TINYINT, tinyu TINYINT UNSIGNED, small SMALLINT, mid MEDIUMINT,
              n INT UNSIGNED, big BIGINT, bigu BIGINT UNSIGNED, y YEAR, f FLOAT, d DOUBLE, m DECIMAL(30, 10),
              b1 BIT(1), b9 BIT(9), c CHAR(4), v VARCHAR(20), t LONGTEXT, e ENUM('small', 'it''s', 'a\\\\b', 'z,y', 'ü'), s SET('a', 'b'),
              day DATE, at DATETIME(6), stamp TIMESTAMP(3) NULL, clock TIME(6), j JSON);
            SET time_zone = '+02:00';
            INSERT INTO types VALUES
              (1, 1, -128, 255, -32768, -8388608, 4294967295, -9223372036854775808, 9223372036854775807, 1901,
               -3.402823466e38, 1.7976931348623157e308, 12345678901234567890.0123456789, b'1', b'100000001', 'a', 'ä😀', REPEAT('x', 5000),
               'it''s', 'a,b', '1000-01-01', '1000-01-01 00:00:00.000001', '1970-01-01 02:00:01.5', '-838:59:59.5', '{"b": [1, 2.50], "a": null}'),
              (2, 0, 127, 0, 32767, 8388607, 0, 9223372036854775807, 0, 2155, 0.1, 5e-324, -0.0000000001, b'0', b'0', '', '', '',
               'a\\\\b', '', '9999-12-31', '9999-12-31 23:59:59.999999', '2038-01-19 05:14:07.999', '00:00:00', '"text"'),
              (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
               NULL, NULL, NULL, NULL, NULL);
            """)
        let rows = try ground.rows(table: "types")
        #expect(
            rows.types == [
                "id: integer", "flag: boolean", "tiny: integer", "tinyu: integer", "small: integer",
                "mid: integer",
                "n: integer", "big: integer", "bigu: integer", "y: integer", "f: number", "d: number",
                "m: number",
                "b1: boolean", "b9: integer", "c: text", "v: text", "t: text",
                #"e: category ["small", "it\'s", "a\\b", "z,y", "ü"]"#, "s: text", "day: date",
                "at: timestamp",
                "stamp: timestamp", "clock: text", "j: json",
            ])
        let lines = try rows.texts()
        #expect(
            lines == [
                "1, true, -128, 255, -32768, -8388608, 4294967295, -9223372036854775808, 9223372036854775807, 1901, "
                    + "-3.4028234663852886e+38, 1.7976931348623157e+308, 1.2345678901234567e+19, true, 257, a, ä😀, "
                    + String(repeating: "x", count: 5000)
                    + #", it's, a,b, 1000-01-01, 1000-01-01T00:00:00.000001Z, 1970-01-01T00:00:01.500000Z, -838:59:59.500000, {"a":null,"b":[1,2.5]}"#,
                "2, false, 127, 0, 32767, 8388607, 0, 9223372036854775807, 0, 2155, 0.10000000149011612, 5e-324, -1e-10, "
                    + #"false, 0, , , , a\b, , 9999-12-31, 9999-12-31T23:59:59.999999Z, 2038-01-19T03:14:07.999000Z, 00:00:00, "text""#,
                "3" + String(repeating: ", -", count: 24),
            ])
    }
}
