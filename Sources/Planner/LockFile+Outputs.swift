extension LockFile {
    /// What a block says of its outputs, in the order of the ports' names: what a
    /// dictionary would be for the one to three ports a stage has, in a third of
    /// its memory and time.
    public struct Outputs: Equatable, Sendable {
        public struct Entry: Equatable, Sendable {
            public let port: String
            public fileprivate(set) var output: Output
        }

        public private(set) var entries: [Entry] = []

        public var isEmpty: Bool { entries.isEmpty }
        public var count: Int { entries.count }
        public var ports: [String] { entries.map(\.port) }

        /// - Complexity: O(ports).
        public subscript(port: String) -> Output? {
            get { entries.first { $0.port == port }?.output }
            set {
                // Names are in NFC, in which Swift orders texts by their UTF-8 bytes.
                let place = entries.firstIndex { $0.port >= port } ?? entries.count
                let isThere = place < entries.count && entries[place].port == port
                switch (newValue, isThere) {
                case (let output?, true): entries[place].output = output
                case (let output?, false): entries.insert(Entry(port: port, output: output), at: place)
                case (nil, true): entries.remove(at: place)
                case (nil, false): break
                }
            }
        }
    }
}

extension LockFile.Outputs: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral pairs: (String, LockFile.Output)...) {
        for (port, output) in pairs { self[port] = output }
    }
}
