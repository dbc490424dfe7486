import TableTypes

/// What a value of a PostgreSQL type is on the wire.
indirect enum PostgresKind: Hashable, Sendable {
    case boolean, int2, int4, int8, oid, float4, float8, numeric
    case text, json, jsonb, uuid, bits
    case date, time, timeWithZone, timestamp, interval
    case level([String])
    case array(PostgresKind)
    /// By its name; what it is on the wire is its own affair.
    case other(String)
}

/// Types by their numbers: those built in, and those a server told of.
///
/// Source: pg_type.dat of PostgreSQL; numbers of built-in types never change.
struct PostgresTypes {
    private var known: [UInt32: PostgresKind] = [
        16: .boolean, 18: .text, 19: .text, 20: .int8, 21: .int2, 23: .int4, 25: .text, 26: .oid, 114: .json,
        142: .text, 700: .float4, 701: .float8, 705: .text, 1042: .text, 1043: .text, 1082: .date,
        1083: .time,
        1114: .timestamp, 1184: .timestamp, 1186: .interval, 1266: .timeWithZone, 1560: .bits, 1562: .bits,
        1700: .numeric, 2950: .uuid, 3802: .jsonb,
    ]
    /// Of arrays and domains, the type below that must be known first.
    private var below: [UInt32: (type: UInt32, isArray: Bool)] = [:]

    func knows(_ number: UInt32) -> Bool { known[number] != nil || below[number] != nil }

    /// Takes what the server says of a type.
    ///
    /// - Parameter facts: typtype, the name, typcategory, typelem, typbasetype, typsend.
    /// - Returns: The type that must be known to know this one.
    mutating func learn(_ number: UInt32, _ facts: [String], labels: [String]) -> UInt32? {
        guard facts.count == 6 else {
            known[number] = .other("number \(number)")
            return nil
        }
        if facts[0] == "e" {
            known[number] = .level(labels)
        } else if facts[0] == "d", let base = UInt32(facts[4]), base != 0 {
            below[number] = (base, false)
            return base
        } else if facts[2] == "A", let element = UInt32(facts[3]), element != 0 {
            below[number] = (element, true)
            return element
        } else {
            // An extension's text that ignores case is sent as a text.
            known[number] = ["textsend", "citextsend"].contains(facts[5]) ? .text : .other(facts[1])
        }
        return nil
    }

    /// - Parameter depth: How many types it may be made of: a hostile server tells of types in a circle.
    func kind(_ number: UInt32, depth: Int = 64) -> PostgresKind {
        if let kind = known[number] { return kind }
        guard depth > 0, let below = below[number] else { return .other("number \(number)") }
        let kind = kind(below.type, depth: depth - 1)
        return below.isArray ? .array(kind) : kind
    }

    func column(_ name: String, _ number: UInt32) -> SQLColumn {
        let kind = kind(number)
        func column(_ type: ColumnType, _ sort: SQLColumn.Sort = .plain, levels: [String]? = nil) -> SQLColumn
        {
            SQLColumn(name, type, levels: levels, sort: sort, declared: "\(kind)")
        }
        switch kind {
        case .boolean: return column(.boolean)
        case .int2, .int4, .int8, .oid: return column(.integer)
        case .float4, .float8, .numeric: return column(.number)
        case .text: return column(.text, [18, 142].contains(number) ? .text : .bytes)
        case .uuid, .bits, .time: return column(.text)
        case .timeWithZone, .interval: return column(.text, .text)
        case .json, .jsonb: return column(.json, .text)
        case .date: return column(.date)
        case .timestamp: return column(.timestamp)
        case .level(let levels): return column(.category, levels: levels)
        case .array(let element):
            if case .other(let type) = element { return unreadable(name, type + "[]") }
            return column(.json, .text)
        case .other(let type): return unreadable(name, type)
        }
    }

    private func unreadable(_ name: String, _ type: String) -> SQLColumn {
        SQLColumn(
            name, .text,
            unreadable: type == "bytea"
                ? "select a text of it, such as encode(\(name), 'hex'), or leave it out with 'columns'"
                : "select a text of it: \(name)::text, or leave it out with 'columns'",
            declared: type)
    }
}
