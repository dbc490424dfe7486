import Glibc
import Platform

/// Goes through a document node by node. Nothing outside of it is read: no
/// network, no DTD, no entity but the five that XML knows itself.
final class XMLReader {
    enum Node {
        case start(XMLName, isEmpty: Bool)
        case end
        case text
    }

    private let library: XMLLibrary
    private let reader: XMLLibrary.Reader
    private let complaints: Complaints

    /// What the library says is wrong; it goes on after warnings.
    private final class Complaints {
        var first: (line: Int, message: String)?
        let locatorLine: @convention(c) (UnsafeMutableRawPointer) -> CInt
        init(_ library: XMLLibrary) { locatorLine = library.locatorLine }
    }

    /// - Parameter bytes: Must live as long as the reader.
    init(_ bytes: UnsafeRawBufferPointer) throws(XMLError) {
        do throws(DynamicLibraryError) {
            library = try XMLLibrary.shared.get()
        } catch {
            throw .library(error)
        }
        if let line = Self.declaration(in: bytes) { throw .declaresEntities(line: line) }
        guard let size = CInt(exactly: bytes.count) else { throw .tooLarge }
        // XML_PARSE_NONET. Entities stay references (no XML_PARSE_NOENT), no
        // DTD is loaded, and depth and text keep their bounds (no XML_PARSE_HUGE).
        guard bytes.count > 0, let address = bytes.baseAddress,
            let reader = library.open(
                address.assumingMemoryBound(to: CChar.self), size, nil, nil, 1 << 11)
        else { throw .syntax(line: 1, "the document is empty") }
        self.reader = reader
        complaints = Complaints(library)
        library.setErrorHandler(
            reader,
            { box, message, severity, locator in
                // Severities 1 and 3 are warnings.
                guard let box, let message, severity == 2 || severity == 4 else { return }
                let complaints = Unmanaged<Complaints>.fromOpaque(box).takeUnretainedValue()
                guard complaints.first == nil else { return }
                var text = String(cString: message)
                while text.last?.isWhitespace == true { text.removeLast() }
                let line = locator.map { Int(complaints.locatorLine($0)) } ?? 1
                complaints.first = (line, text)
            }, Unmanaged.passUnretained(complaints).toOpaque())
    }

    deinit { library.close(reader) }

    var line: Int { Int(library.line(reader)) }

    /// The next node that is an element's start or end, or text; nil at the end.
    func next() throws(XMLError) -> Node? {
        while true {
            let result = library.read(reader)
            if let (line, message) = complaints.first { throw .syntax(line: line, message) }
            guard result >= 0 else { throw .syntax(line: line, "the document is damaged") }
            if result == 0 { return nil }
            // XML_READER_TYPE_...
            switch library.nodeType(reader) {
            case 1: return .start(name, isEmpty: library.isEmptyElement(reader) == 1)
            case 15: return .end
            // Text, CDATA, white space.
            case 3, 4, 13, 14: return .text
            case 5: throw .entity(line: line, name.qualified)
            default: break
            }
        }
    }

    /// The text here, of a text or an attribute.
    var value: UnsafeBufferPointer<UInt8> {
        guard let start = library.value(reader) else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(
            start: start, count: strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self)))
    }

    /// Gives each attribute of the element here.
    func attributes(_ body: (XMLName, UnsafeBufferPointer<UInt8>) -> Void) {
        while library.moveToNextAttribute(reader) == 1 { body(name, value) }
        _ = library.moveToElement(reader)
    }

    private var name: XMLName {
        func text(_ start: XMLLibrary.Text?) -> String { start.map { String(cString: $0) } ?? "" }
        return XMLName(qualified: text(library.name(reader)), local: text(library.localName(reader)))
    }

    /// The line of the first entity that a document with a DOCTYPE declares.
    /// The library bounds what entities can become; here none may be declared
    /// in the first place.
    private static func declaration(in bytes: UnsafeRawBufferPointer) -> Int? {
        // As bytes, and as UTF-16 in both orders.
        let spellings: [(UInt8) -> [UInt8]] = [{ [$0] }, { [$0, 0] }, { [0, $0] }]
        for spelling in spellings {
            guard let type = place(of: "<!DOCTYPE".utf8.flatMap(spelling), in: bytes[...]),
                let entity = place(of: "<!ENTITY".utf8.flatMap(spelling), in: bytes[type...])
            else { continue }
            return bytes[..<entity].reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        }
        return nil
    }

    private static func place(of word: [UInt8], in bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
        var rest = bytes
        while let start = rest.firstIndex(of: word[0]) {
            rest = rest[start...]
            if rest.starts(with: word) { return start }
            rest = rest.dropFirst()
        }
        return nil
    }
}
