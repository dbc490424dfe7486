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
    static let shared: Result<XMLLibrary, DynamicLibraryError> = Result { () throws(DynamicLibraryError) in
        try XMLLibrary(DynamicLibrary(.xml))
    }

    private init(_ library: DynamicLibrary) throws(DynamicLibraryError) {
        func number(_ name: String) throws(DynamicLibraryError) -> Number {
            try library.function("xmlTextReader" + name, as: Number.self)
        }
        func text(_ name: String) throws(DynamicLibraryError) -> Name {
            try library.function("xmlTextReader" + name, as: Name.self)
        }
        open = try library.function(
            "xmlReaderForMemory",
            as: (@convention(c) (
                UnsafePointer<CChar>?, CInt, UnsafePointer<CChar>?, UnsafePointer<CChar>?, CInt
            ) -> Reader?).self)
        close = try library.function("xmlFreeTextReader", as: (@convention(c) (Reader) -> Void).self)
        setErrorHandler = try library.function(
            "xmlTextReaderSetErrorHandler",
            as: (@convention(c) (Reader, ErrorHandler?, UnsafeMutableRawPointer?) -> Void).self)
        read = try number("Read")
        nodeType = try number("NodeType")
        isEmptyElement = try number("IsEmptyElement")
        moveToNextAttribute = try number("MoveToNextAttribute")
        moveToElement = try number("MoveToElement")
        line = try number("GetParserLineNumber")
        name = try text("ConstName")
        localName = try text("ConstLocalName")
        value = try text("ConstValue")
        locatorLine = try library.function(
            "xmlTextReaderLocatorLineNumber", as: (@convention(c) (UnsafeMutableRawPointer) -> CInt).self)
    }
}
