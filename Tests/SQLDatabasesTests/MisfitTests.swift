import DataFrames
import SQLDatabases
import TestServers
import Testing

@Suite struct MisfitTests {
    @Test(.enabled(if: Ground.mysql != nil, "MariaDB is not installed"))
    func `what MySQL holds and no column does is left out, and told`() throws {
        let ground = try #require(Ground.mysql)
        try ground.server.run(
            """
            SET sql_mode = '';
            CREATE TABLE odd (id INT PRIMARY KEY, day DATE, at DATETIME, n BIGINT UNSIGNED, flag TINYINT(1), b BIT(64), e ENUM('a'), j LONGTEXT);
            INSERT INTO odd VALUES (1, '0000-00-00', '0000-00-00 00:00:00', 18446744073709551615, 2, 0xFFFFFFFFFFFFFFFF, 'nothing', 'x'),
              (2, '2024-00-31', '2024-02-00 08:00:00', 9223372036854775807, -1, 0x7FFFFFFFFFFFFFFF, 'a', 'y'),
              (3, '2024-02-29', '2024-02-29 08:00:00', 1, 1, 1, 'a', 'z');
            """)
        let lines = try ground.rows(table: "odd").texts()
        #expect(
            lines == [
                "1, -, -, -, -, -, -, x !"
                    + #"{"at":"'0000-00-00 00:00:00' is no day of the calendar","b":"'18446744073709551615' is beyond 9223372036854775807, the greatest integer of a table","day":"'0000-00-00' is no day of the calendar","e":"'' is not among the levels of the type","flag":"'2' is not of type boolean, which TINYINT(1) is; CAST(flag AS SIGNED) is an integer","n":"'18446744073709551615' is beyond 9223372036854775807, the greatest integer of a table"}"#,
                "2, -, -, 9223372036854775807, -, 9223372036854775807, a, y !"
                    + #"{"at":"'2024-02-00 08:00:00' is no day of the calendar","day":"'2024-00-31' is no day of the calendar","flag":"'-1' is not of type boolean, which TINYINT(1) is; CAST(flag AS SIGNED) is an integer"}"#,
                "3, 2024-02-29, 2024-02-29T08:00:00Z, 1, true, 1, a, z",
            ])
    }

    @Test(.enabled(if: Ground.postgres != nil, "PostgreSQL is not installed"))
    func `what PostgreSQL holds and no column does is left out, and told`() throws {
        let ground = try #require(Ground.postgres)
        try ground.server.run(
            """
            CREATE TABLE odd (id int PRIMARY KEY, day date, at timestamptz, m numeric);
            INSERT INTO odd VALUES (1, 'infinity', '-infinity', repeat('9', 400)::numeric), (2, '10000-01-01', '0044-03-15 00:00:00 BC', 1);
            """)
        let lines = try ground.rows(table: "odd").texts()
        #expect(
            lines == [
                "1, -, -, - !"
                    + #"{"at":"'-infinity' is no time","day":"'infinity' is no time","m":"'9999999999999999999999999999999999999' is not of type number"}"#,
                "2, -, -, 1.0 !"
                    + #"{"at":"the time lies before the year 1","day":"the time lies after the year 9999"}"#,
            ])
    }

    @Test(.enabled(if: Ground.postgres != nil, "PostgreSQL is not installed"))
    func `only what is infinite is called so in an array`() throws {
        let ground = try #require(Ground.postgres)
        let lines = try ground.rows(
            "SELECT 1 AS n, ARRAY['infinity', '-infinity', '2026-01-01']::date[] AS d UNION ALL SELECT 2, ARRAY['10000-01-01']::date[] ORDER BY n"
        ).texts()
        #expect(lines.count == 2)
        #expect(lines.first == #"1, ["infinity","-infinity","2026-01-01"]"#)
        #expect(lines.last?.hasPrefix(#"2, - !{"d":"#) == true)
    }

    @Test(.enabled(if: !Ground.all.isEmpty, "no database server is installed"), arguments: Ground.all)
    func `an integer of JSON beyond 64 bits is left out, and told`(ground: Ground) throws {
        try ground.server.run(
            """
            CREATE TABLE vast (id INT PRIMARY KEY, j \(ground.dialect == .mysql ? "JSON" : "jsonb"));
            INSERT INTO vast VALUES (1, '{"n": 9223372036854775807}'), (2, '[1, 9223372036854775808]'),
              (3, '[-9223372036854775809]'), (4, '[1e3, 0.5]');
            """)
        func misfit(_ json: String) -> String {
            #"{"j":"'\#(json)' is no JSON of a table: the integer is beyond 64 bits"}"#
        }
        #expect(
            try ground.rows(table: "vast").texts() == [
                #"1, {"n":9223372036854775807}"#, "2, - !" + misfit("[1, 9223372036854775808]"),
                "3, - !" + misfit("[-9223372036854775809]"), "4, [1000,0.5]",
            ])
    }

    @Test(.enabled(if: Ground.postgres != nil, "PostgreSQL is not installed"))
    func `an array of JSON with an integer beyond 64 bits is left out`() throws {
        let ground = try #require(Ground.postgres)
        let lines = try ground.rows("SELECT ARRAY['[1]', '[9223372036854775808]']::json[] AS j").texts()
        #expect(lines.count == 1 && lines.first?.hasPrefix(#"- !{"j":"#) == true, "\(lines)")
    }

    @Test(.enabled(if: Ground.mysql != nil, "MariaDB is not installed"))
    func `types of MySQL that no column holds are named, unless they are left out`() throws {
        let ground = try #require(Ground.mysql)
        try ground.server.run(
            """
            CREATE TABLE raw (id INT PRIMARY KEY, picture BLOB, place POINT, hash BINARY(4), u UUID);
            INSERT INTO raw VALUES (1, 0xFF00, POINT(1, 2), 0x01020304, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
            """)
        #expect(
            ground.error { _ = try ground.rows(table: "raw") }
                == "column 'picture' is of the type BLOB, which no column of a table holds; select a text of it, such as HEX(picture), or leave it out with 'columns'"
        )
        #expect(
            ground.error { _ = try ground.rows(table: "raw", columns: ["place"]) }
                == "column 'place' is of the type GEOMETRY, which no column of a table holds; select a text of it, such as ST_AsText(place), or leave it out"
        )
        #expect(
            try ground.rows(table: "raw", columns: ["id", "u"]).texts() == [
                "1, a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
            ])
        #expect(
            try ground.rows("SELECT HEX(picture) AS p, ST_AsText(place) AS q, HEX(hash) AS h FROM raw")
                .texts()
                == ["FF00, POINT(1 2), 01020304"])
    }

    @Test(.enabled(if: Ground.postgres != nil, "PostgreSQL is not installed"))
    func `types of PostgreSQL that no column holds are named, unless they are left out`() throws {
        let ground = try #require(Ground.postgres)
        try ground.server.run(
            "CREATE TABLE raw (id int PRIMARY KEY, picture bytea, host inet, span int4range[])")
        #expect(
            ground.error { _ = try ground.rows(table: "raw") }
                == "column 'picture' is of the type bytea, which no column of a table holds; select a text of it, such as encode(picture, 'hex'), or leave it out with 'columns'"
        )
        #expect(
            ground.error { _ = try ground.rows(table: "raw", columns: ["host"]) }
                == "column 'host' is of the type inet, which no column of a table holds; select a text of it: host::text, or leave it out with 'columns'"
        )
        #expect(
            ground.error { _ = try ground.rows(table: "raw", columns: ["span"]) }.hasPrefix(
                "column 'span' is of the type int4range[], which"))
        #expect(try ground.rows("SELECT '10.0.0.1'::inet::text AS host").texts() == ["10.0.0.1/32"])
    }
}
