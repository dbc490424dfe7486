import Platform

/// The functions of libxml2's reader that are used here; its shared library is
/// opened when the first XML is read.
///
/// Source: gnome.pages.gitlab.gnome.org/libxml2/html/xmlreader_8h.html.
struct XMLLibrary: Sendable {
    typealias Reader = OpaquePointer
    typealias Text = UnsafePointer<UInt8>
    typealias ErrorHandler =
        @convention(c) (
            UnsafeMutableRawPointer?, UnsafePointer<CChar>?, CInt, UnsafeMutableRawPointer?
        ) -> Void
    typealias Number = @convention(c) (Reader) -> CInt
    typealias Name = @convention(c) (Reader) -> Text?

    let open:
        @convention(c) (
            UnsafePointer<CChar>?, CInt, UnsafePointer<CChar>?, UnsafePointer<CChar>?, CInt
        ) -> Reader?
    let close: @convention(c) (Reader) -> Void
    let setErrorHandler: @convention(c) (Reader, ErrorHandler?, UnsafeMutableRawPointer?) -> Void
    let read: Number
    let nodeType: Number
    let isEmptyElement: Number
    let moveToNextAttribute: Number
    let moveToElement: Number
    let line: Number
    let name: Name
    let localName: Name
    let value: Name
    let locatorLine: @convention(c) (UnsafeMutableRawPointer) -> CInt

    /// What is installed; the same answer every time.
    static let shared = DynamicLibrary.table(.xml, prefix: "xml", XMLLibrary.init)

    private init(_ find: DynamicLibrary.Functions) throws(DynamicLibraryError) {
        open = try find("ReaderForMemory")
        close = try find("FreeTextReader")
        setErrorHandler = try find("TextReaderSetErrorHandler")
        read = try find("TextReaderRead")
        nodeType = try find("TextReaderNodeType")
        isEmptyElement = try find("TextReaderIsEmptyElement")
        moveToNextAttribute = try find("TextReaderMoveToNextAttribute")
        moveToElement = try find("TextReaderMoveToElement")
        line = try find("TextReaderGetParserLineNumber")
        name = try find("TextReaderConstName")
        localName = try find("TextReaderConstLocalName")
        value = try find("TextReaderConstValue")
        locatorLine = try find("TextReaderLocatorLineNumber")
    }
}
