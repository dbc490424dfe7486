import BenchLoop
import DataFrames
import Images
import Platform
import TableTypes

extension Case {
    /// Every picture of a folder of classes: the file read, and its pixels as bytes.
    static var pictures: [Case] {
        [
            of("png folder") {
                let folder = Inputs.path("pictures")
                return {
                    try Files.list(folder).sorted().filter { $0.hasPrefix("class-") }.flatMap { label in
                        try Files.list("\(folder)/\(label)").sorted().map { name in
                            (label: label, image: try Image(png: Files.read("\(folder)/\(label)/\(name)")))
                        }
                    }
                }
            } summary: { (pictures: [(label: String, image: Image)]) in
                func column(_ name: String, _ value: (Image) -> Int) -> DataColumn {
                    DataColumn(name, .integer, .int64(pictures.map { Int64(value($0.image)) }))
                }
                return Summary.text([
                    DataColumn("label", .text, .utf8(StringStorage(pictures.map(\.label)))),
                    column("height", \.height), column("width", \.width), column("channels", \.channels),
                    column("sum") { $0.pixels.reduce(0) { $0 + Int($1) } },
                ])
            }
        ]
    }
}
