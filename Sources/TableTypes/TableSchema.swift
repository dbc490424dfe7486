import CanonicalJSON

/// A Frictionless Table Schema: what a table must look like, with a `role` a
/// field that pipelines add.
///
/// Source: Frictionless Data, "Table Schema", specs.frictionlessdata.io/table-schema.
public struct TableSchema: Hashable, Sendable {
    public var fields: [Field]
    /// Cell texts that mean "no value".
    public var missingValues: [String]
    public var primaryKey: [String]

    /// The specification's default has only the empty text; "NA" is a value
    /// until a schema says otherwise.
    public init(_ fields: [Field], missingValues: [String] = [""], primaryKey: [String] = []) {
        self.fields = fields
        self.missingValues = missingValues
        self.primaryKey = primaryKey
    }

    /// One column as the schema declares it.
    public struct Field: Hashable, Sendable {
        public var name: String
        public var type: FieldType
        public var format: String?
        public var role: ColumnRole?
        public var title: String?
        public var description: String?
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
        /// JSON within a cell; `any` may be of every kind.
        case object, array, any
        /// Ours: a string of few distinct values that are not listed.
        case category
    }

    /// Bounds stay JSON values: a date's are strings, a number's are numbers.
    public struct Constraints: Hashable, Sendable {
        public var required: Bool
        public var unique: Bool
        public var levels: [String]?
        public var minimum: JSONValue?
        public var maximum: JSONValue?
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
        case .integer: .integer
        case .number: .number
        case .boolean: .boolean
        case .date: .date
        case .datetime: .timestamp
        case .object, .array, .any: .json
        }
    }
}
