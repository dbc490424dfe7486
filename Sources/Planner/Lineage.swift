/// Which rows a value may depend on: the leak check's whole knowledge.
///
/// A lineage is a set of strands. A strand is one source, cut down by the
/// splits its rows went through: `source s, part "train" of split A`. Every
/// stage gives the union of its inputs' lineages, a split additionally cuts
/// each strand of its output to the part.
public struct Lineage: Hashable, Sendable {
    /// Which part of a split rows were sent to.
    public struct Cut: Hashable, Sendable {
        /// The stage that splits.
        public var split: String
        public var part: String

        public init(split: String, part: String) {
            self.split = split
            self.part = part
        }
    }

    /// Rows of one source that went through all of `cuts`, in order.
    public struct Strand: Hashable, Sendable {
        public var source: String
        public var cuts: [Cut]

        public init(source: String, cuts: [Cut] = []) {
            self.source = source
            self.cuts = cuts
        }

        /// Different parts of one split have no row in common; anything else of
        /// one source may.
        func overlaps(_ other: Strand) -> Bool {
            guard source == other.source else { return false }
            return !cuts.contains { cut in
                other.cuts.contains { $0.split == cut.split && $0.part != cut.part }
            }
        }
    }

    /// How sure the check is that two lineages share rows.
    public enum Overlap: Hashable, Sendable {
        case none
        /// One side mixes several parts of a split (a union, an aggregate, a
        /// script that read both), so which rows meet is not known.
        case possible(Strand, Strand)
        case certain(Strand, Strand)
    }

    public private(set) var strands: Set<Strand>

    public init(_ strands: Set<Strand> = []) { self.strands = strands }

    public init(source: String) { strands = [Strand(source: source)] }

    public func union(_ other: Lineage) -> Lineage { Lineage(strands.union(other.strands)) }

    /// The lineage of one part of a split of a table with this lineage.
    public func cut(by split: String, to part: String) -> Lineage {
        Lineage(
            Set(
                strands.map {
                    Strand(source: $0.source, cuts: $0.cuts + [Cut(split: split, part: part)])
                }))
    }

    /// Whether it holds several parts of one split.
    public var isMixed: Bool {
        var parts: [String: String] = [:]
        for cut in strands.flatMap(\.cuts) {
            if let part = parts.updateValue(cut.part, forKey: cut.split), part != cut.part { return true }
        }
        return false
    }

    /// The first overlap in the order of `Strand.description`, certain before possible.
    ///
    /// - Parameter tested: The rows a later reader takes for unseen.
    /// - Complexity: O(strands × strands × cuts²); both are a handful.
    public func overlap(withTested tested: Lineage) -> Overlap {
        for mine in strands.sorted(by: { "\($0)" < "\($1)" }) {
            for theirs in tested.strands.sorted(by: { "\($0)" < "\($1)" }) where mine.overlaps(theirs) {
                return isMixed || tested.isMixed ? .possible(mine, theirs) : .certain(mine, theirs)
            }
        }
        return .none
    }
}

extension Lineage.Strand: CustomStringConvertible {
    /// `applications, split.train` as messages say it.
    public var description: String {
        ([source] + cuts.map { "\($0.split).\($0.part)" }).joined(separator: ", ")
    }
}
