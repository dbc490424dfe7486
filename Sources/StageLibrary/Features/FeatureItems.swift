import TableTypes

/// What has a name among features.
protocol FeatureItem {
    var name: String { get }
}

extension Column: FeatureItem {}

/// Features in order, while one step after the other puts others in their place.
struct FeatureItems<Item: FeatureItem> {
    private(set) var all: [Item]

    init(_ items: [Item]) { all = items }

    subscript(name: String) -> Item? { all.first { $0.name == name } }

    /// Nil if one of them is not there.
    func items(_ names: [String]) -> [Item]? {
        let found = names.compactMap { self[$0] }
        return found.count == names.count ? found : nil
    }

    /// What has the name of one stays in its place, other new ones stand behind all.
    mutating func replace(_ names: [String], by new: [Item]) {
        if names.count == 1, new.count == 1, new[0].name == names[0],
            let place = all.firstIndex(where: { $0.name == names[0] })
        {
            all[place] = new[0]
            return
        }
        all = all.compactMap { item in
            names.contains(item.name) ? new.first { $0.name == item.name } : item
        }
        all += new.filter { item in !names.contains(item.name) }
    }
}
