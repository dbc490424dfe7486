extension StringProtocol {
    /// What stands behind a number of UTF-8 bytes. Paths are cut by bytes:
    /// counted in characters, a folder called `josé` would move every cut.
    public func dropping(bytes count: Int) -> String {
        String(decoding: utf8.dropFirst(count), as: UTF8.self)
    }
}
