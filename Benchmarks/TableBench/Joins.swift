import BenchLoop
import DataFrames
import TableOperations

extension Case {
    /// A million rows with a hundred thousand, in memory, every column of both in the result: what `join.tables` does
    /// between reading and writing. As there the left rows come in pieces, and joined ones go in pieces; whoever
    /// takes them keeps none. (Polars by pieces, `sink_batches`, needs more time and memory than its join at once.)
    static var joins: [Case] {
        let keys = ["close", "scattered", "text", "half"]
        return keys.flatMap { key in
            [Joining.Kind.inner, .left].map { kind in
                passing("join \(kind) \(key)") {
                    let (left, right) = (Inputs.leftPieces, Inputs.right)
                    // The keys of `half` are those of `scattered`, where they are there.
                    let other = key == "half" ? "scattered" : key
                    let rights = right.columns.filter { $0.name != other }.map { ($0, $0.name + "_right") }
                    return { body in
                        let lookup = try KeyLookup([right[other]!])
                        for piece in left {
                            let lefts = piece.columns.map { ($0, $0.name) }
                            try lookup.pairs(of: [piece[key]!], kind, atOnce: piece.count) { pairs in
                                body(try DataFrame(Joining.columns(lefts, rights, by: pairs)))
                            }
                        }
                    }
                }
            }
        }
    }

    /// A million rows in a hundred thousand groups, or in 24 (`few`): what `table.aggregate` does between reading and
    /// writing.
    static var groups: [Case] {
        [["close"], ["scattered"], ["text"], ["few"], ["few", "close"]].map { by in
            of("group \(by.joined(separator: "+"))") {
                let frame = Inputs.left
                let metrics = ["mean_x": "mean(x)", "most_x": "max(x)", "rows": "count()", "sum_n": "sum(n)"]
                    .sorted { $0.key < $1.key }
                    .map { name, text in
                        (
                            name: name,
                            value: AggregateExpression.compile(
                                text, over: frame.tableType, in: .group(by: by)
                            ).expression!
                        )
                    }
                return { try Grouping.aggregate(frame, by: by, metrics: metrics) }
            } summary: {
                Summary.text($0.columns, isRounded: true)
            }
        }
    }
}
