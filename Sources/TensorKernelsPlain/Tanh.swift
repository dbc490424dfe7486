import CTensorKernels

/// Of each of the sixteen intervals the place from which its polynomial counts
/// and the factors. They stand in the order in which `lookup` finds them: the
/// tenth row is that of the smallest x.
private enum Row { case base, constant, linear, square, cube, fourth, fifth }

@inline(__always)
private func row(_ row: Row) -> Lanes {
    switch row {
    case .base:
        Lanes(
            1.624_976_2, 2.124_989_3, 2.624_981, 3.125_143_3, 3.875_003_3, 4.874_982_4, 5.874_474_5,
            6.872_607, 8.317_266, 0, 0.187_501_09, 0.312_497_4, 0.499_993_68, 0.749_957_3, 0.999_992_67,
            1.250_003_2)
    case .constant:
        Lanes(
            0.925_342_8, 0.971_872_15, 0.989_559_35, 0.996_147_63, 0.999_138_9, 0.999_883_4, 0.999_984_2,
            0.999_997_85, 0.999_999_9, 0, 0.185_334_25, 0.302_707_37, 0.462_112_2, 0.635_123_5,
            0.761_591_1, 0.848_284_54)
    case .linear:
        Lanes(
            0.143_740_61, 0.055_464_51, 0.020_772_291, 7.689_896_5e-3, 1.721_522_9e-3, 2.331_665e-4,
            3.159_091_3e-5, 4.291_306e-6, 2.389_703e-7, 1, 0.965_651_2, 0.908_368_23, 0.786_452_4,
            0.596_618_2, 0.419_979_04, 0.280_413_33)
    case .square:
        Lanes(
            -0.133_016_45, -0.053_903_52, -0.020_554_34, -7.659_752e-3, -1.717_939_7e-3, -2.328_462_6e-4,
            -3.154_865e-5, -4.283_746_4e-6, -2.353_904_4e-7, 2.864_049_4e-7, -0.178_967_86, -0.274_969_43,
            -0.363_424_9, -0.378_926_22, -0.319_854_2, -0.237_871_89)
    case .cube:
        Lanes(
            0.075_177_59, 0.033_901_44, 0.013_416_295, 5.067_14e-3, 1.143_271e-3, 1.551_834_9e-4,
            2.103_202_7e-5, 2.859_901e-6, 1.562_215_3e-7, -0.333_355_04, -0.288_713_9, -0.219_545_78,
            -0.094_237_275, 0.041_784_648, 0.103_602_51, 0.108_312_23)
    case .fourth:
        Lanes(
            -0.024_855_914, -0.015_026_007, -6.480_258_4e-3, -2.520_950_5e-3, -5.967_681e-4,
            -8.132_529e-5, -1.103_392_5e-5, -1.505_865_4e-6, -9.290_2e-8, 4.703_676_7e-4, 0.112_842_3,
            0.157_765_06, 0.163_654_71, 0.099_750_49, 0.028_119_32, -0.012_258_762)
    case .fifth:
        Lanes(
            1.127_470_6e-3, 4.450_539e-3, 2.359_157_7e-3, 9.758_183e-4, 2.367_036_8e-4, 3.247_705e-5,
            4.404_585_5e-6, 5.884_280_7e-7, 3.757_437e-8, 0.129_979_46, 0.096_520_23, 0.044_508_886,
            -0.025_010_286, -0.063_314_92, -0.046_215_277, -0.019_349_806)
    }
}

/// tanh by one of sixteen polynomials of degree 5, for a division takes 16 cycles
/// for sixteen lanes, and a look into a table of sixteen takes one (P. T. P. Tang,
/// "Table-lookup algorithms for elementary functions and their error analysis",
/// 1991). Which one is read off |x| + 5/8, its exponent and the two highest bits
/// of its fraction: intervals are 1/8 wide up to 3/8, 1/4 up to 11/8, 1/2 up to
/// 27/8, 1 up to 59/8, for the further out the flatter tanh is. Each polynomial
/// counts from a place near the middle where tanh is within 1/500 ulp of a float
/// (S. Gal, "Computing elementary functions: a new approach for achieving high
/// accuracy and good performance", 1986); the other factors are fitted for this
/// file as in `powerOfTwo`, rounded one after another from the lowest, and those
/// above fitted anew. The first counts from 0 and begins with x, so that small x
/// return themselves. None passes 1, which it is from 9.02 on. Within 1.28 ulp,
/// which is 7.7e-8 (all floats were tried).
@inline(__always)
func tanh(_ x: Quad) -> Quad {
    let a = atMost(magnitude(x), 9.25)
    let place = a + quad(0.625)
    let t = a - lookup(row(.base), place)
    var y = step(lookup(row(.fourth), place), lookup(row(.fifth), place), t)
    y = step(lookup(row(.cube), place), y, t)
    y = step(lookup(row(.square), place), y, t)
    y = step(lookup(row(.linear), place), y, t)
    y = step(lookup(row(.constant), place), y, t)
    return withSign(y, x)
}
