import CPNG
import Platform

/// The functions of libpng, whose shared library is opened when a file first
/// needs it. CPNG, which was compiled against its headers, calls them.
struct PNGLibrary: Sendable {
    /// In the order of `sluice_png_function`; never freed.
    let functions: Functions

    struct Functions: @unchecked Sendable { let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer> }

    /// What is installed; the same answer every time.
    static let shared = DynamicLibrary.table(.png, PNGLibrary.init)

    private init(_ find: DynamicLibrary.Functions) throws(DynamicLibraryError) {
        var found: [UnsafeMutableRawPointer] = []
        while let name = sluice_png_function(CInt(found.count)) {
            found.append(try find(String(cString: name)))
        }
        functions = Functions(pointers: .allocate(capacity: found.count))
        functions.pointers.initialize(from: found, count: found.count)
    }
}
