import CanonicalJSON

/// A Frictionless Table Schema: what a table must look like, with a `role` a
/// field that pipelines add.
///
/// Source: Frictionless Data, "Table Schema" 1.0, specs.frictionlessdata.io/table-schema, and
/// Data Package 2.0, datapackage.org/standard/table-schema.
public struct TableSchema: Hashable, Sendable {
    public var fields: [Field]
    /// Cell texts that mean "no value".
    public var missingValues: [String]
    public var primaryKey: [String]
    /// Fields that together are never the same in two rows.
    public var uniqueKeys: [[String]] = []
    public var fieldsMatch = FieldsMatch.exact
    /// Whether the schema has some, which nothing here checks.
    public var hasForeignKeys = false

    /// The specification's default has only the empty text; "NA" is a value
    /// until a schema says otherwise.
    public init(_ fields: [Field], missingValues: [String] = [""], primaryKey: [String] = []) {
        self.fields = fields
        self.missingValues = missingValues
        self.primaryKey = primaryKey
    }

    /// How fields and columns are matched. Columns always go by their names, in any order: `exact` is no stricter here
    /// than `equal`.
    public enum FieldsMatch: String, Sendable, Hashable, CaseIterable {
        case exact, equal
        /// There may be more columns, which are left out.
        case subset
        /// There may be fewer columns; fields without one are null.
        case superset
        /// Both.
        case partial

        public var allowsMoreColumns: Bool { self == .subset || self == .partial }
        public var allowsFewerColumns: Bool { self == .superset || self == .partial }
    }

    /// Texts that mean null in a column of this field.
    ///
    /// - Parameter told: What the stage says, which goes first.
    public func missing(_ field: Field, told: [String]? = nil) -> Set<String> {
        Set(told ?? field.missingValues ?? missingValues)
    }

    /// One column as the schema declares it.
    public struct Field: Hashable, Sendable {
        public var name: String
        public var type: FieldType
        public var format: String?
        public var role: ColumnRole?
        public var title: String?
        public var description: String?
        /// How values are spelt as texts.
        public var spelling = Spelling()
        /// In place of the schema's.
        public var missingValues: [String]?
        public var constraints: Constraints

        public init(
            _ name: String, _ type: FieldType = .string, format: String? = nil, role: ColumnRole? = nil,
            title: String? = nil, description: String? = nil, constraints: Constraints = Constraints()
        ) {
            self.name = name
            self.type = type
            self.format = format
            self.role = role
            self.title = title
            self.description = description
            self.constraints = constraints
        }
    }

    /// The types of the specification that a table column can hold.
    public enum FieldType: String, Sendable, Hashable, CaseIterable {
        case string, integer, number, boolean, date, datetime
        /// A whole number of four digits, and the first day of a month.
        case year, yearmonth
        /// JSON within a cell; `any` may be of every kind.
        case object, array, geojson, any
        /// Ours: a string of few distinct values that are not listed.
        case category
    }

    /// How texts of a file are to be read as numbers and booleans.
    public struct Spelling: Hashable, Sendable {
        /// Between the whole part and the fraction; nil is a point.
        public var decimal: String?
        /// Between groups of digits.
        public var group: String?
        /// Whether nothing but the number may stand there, unlike in `95%`.
        public var isBare = true
        public var trueValues: [String]?
        public var falseValues: [String]?

        public init() {}
    }

    /// Bounds stay JSON values: a date's are strings, a number's are numbers.
    public struct Constraints: Hashable, Sendable {
        public var required: Bool
        public var unique: Bool
        /// The values there may be, as they are spelt in a file: `enum`, or `categories`.
        public var levels: [String]?
        public var minimum: JSONValue?
        public var maximum: JSONValue?
        public var exclusiveMinimum: JSONValue?
        public var exclusiveMaximum: JSONValue?
        /// Of texts in Unicode scalars, of JSON in elements.
        public var minLength: Int?
        public var maxLength: Int?
        public var pattern: String?

        public init(
            required: Bool = false, unique: Bool = false, levels: [String]? = nil,
            minimum: JSONValue? = nil, maximum: JSONValue? = nil, pattern: String? = nil
        ) {
            self.required = required
            self.unique = unique
            self.levels = levels
            self.minimum = minimum
            self.maximum = maximum
            self.pattern = pattern
        }
    }

    /// The closed table the schema promises. A field of the primary key is
    /// never null, whether or not it says `required`.
    public var tableType: TableType {
        TableType(
            fields.map { field in
                let isString = field.type == .string || field.type == .category
                return Column(
                    field.name, field.columnType, role: field.role,
                    levels: isString ? field.constraints.levels : nil,
                    isNullable: !field.constraints.required && !primaryKey.contains(field.name))
            })
    }
}

extension TableSchema.Field {
    /// A string with an enum is a category; without, text.
    public var columnType: ColumnType {
        switch type {
        case .string: constraints.levels == nil ? .text : .category
        case .category: .category
        case .integer, .year: .integer
        case .number: .number
        case .boolean: .boolean
        case .date, .yearmonth: .date
        case .datetime: .timestamp
        case .object, .array, .geojson, .any: .json
        }
    }
}
