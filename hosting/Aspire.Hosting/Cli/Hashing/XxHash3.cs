using System.Buffers.Binary;
using System.Numerics;

namespace Aspire.Hosting.Cli.Hashing;

/// <summary>
/// XXH3 of 64 bits with seed 0, the hash by which the CLI names the socket of an AppHost. The shared framework has none.
/// See the specification of xxHash: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.
/// </summary>
internal static class XxHash3
{
    private const uint Prime32A = 0x9E3779B1;
    private const uint Prime32B = 0x85EBCA77;
    private const uint Prime32C = 0xC2B2AE3D;
    private const ulong Prime64A = 0x9E3779B185EBCA87;
    private const ulong Prime64B = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime64C = 0x165667B19E3779F9;
    private const ulong Prime64D = 0x85EBCA77C2B2AE63;
    private const ulong Prime64E = 0x27D4EB2F165667C5;
    private const ulong MixA = 0x165667919E3779F9;
    private const ulong MixB = 0x9FB21C651E98DF25;

    private const int MixLength = 16;
    private const int StripeLength = 64;
    private const int StripesPerBlock = 16;
    private const int SecretStep = 8;

    private static ReadOnlySpan<byte> Secret =>
    [
        0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
        0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
        0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
        0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
        0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
        0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
        0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
        0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
        0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
        0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
        0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
        0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
    ];

    /// <summary>Hashes the data.</summary>
    public static ulong Hash(ReadOnlySpan<byte> data) => data.Length switch
    {
        0 => Finish(Secret64(56) ^ Secret64(64)),
        <= 3 => HashUpTo3(data),
        <= 8 => HashUpTo8(data),
        <= 16 => HashUpTo16(data),
        <= 128 => HashUpTo128(data),
        <= 240 => HashUpTo240(data),
        _ => HashLong(data),
    };

    private static ulong HashUpTo3(ReadOnlySpan<byte> data)
    {
        var combined = ((uint)data[0] << 16) | ((uint)data[data.Length / 2] << 24) | data[^1] | ((uint)data.Length << 8);
        return Finish(combined ^ (ulong)(Load32(Secret) ^ Load32(Secret[4..])));
    }

    private static ulong HashUpTo8(ReadOnlySpan<byte> data)
    {
        var key = (Load32(data[^4..]) + ((ulong)Load32(data) << 32)) ^ (Secret64(8) ^ Secret64(16));
        key ^= BitOperations.RotateLeft(key, 49) ^ BitOperations.RotateLeft(key, 24);
        key *= MixB;
        key ^= (key >> 35) + (ulong)data.Length;
        key *= MixB;
        return key ^ (key >> 28);
    }

    private static ulong HashUpTo16(ReadOnlySpan<byte> data)
    {
        var low = Load64(data) ^ Secret64(24) ^ Secret64(32);
        var high = Load64(data[^8..]) ^ Secret64(40) ^ Secret64(48);
        return Avalanche((ulong)data.Length + BinaryPrimitives.ReverseEndianness(low) + high + Fold(low, high));
    }

    private static ulong HashUpTo128(ReadOnlySpan<byte> data)
    {
        var sum = (ulong)data.Length * Prime64A;
        for (var i = (data.Length - 1) / 32; i >= 0; i--)
        {
            sum += Mix(data[(MixLength * i)..], 32 * i);
            sum += Mix(data[^(MixLength * (i + 1))..], (32 * i) + 16);
        }

        return Avalanche(sum);
    }

    private static ulong HashUpTo240(ReadOnlySpan<byte> data)
    {
        const int FirstRound = 8;
        const int SecondRoundOffset = 3;
        const int LastOffset = 119;

        var sum = (ulong)data.Length * Prime64A;
        for (var i = 0; i < FirstRound; i++)
        {
            sum += Mix(data[(MixLength * i)..], MixLength * i);
        }

        sum = Avalanche(sum);
        for (var i = FirstRound; i < data.Length / MixLength; i++)
        {
            sum += Mix(data[(MixLength * i)..], (MixLength * (i - FirstRound)) + SecondRoundOffset);
        }

        return Avalanche(sum + Mix(data[^MixLength..], LastOffset));
    }

    private static ulong HashLong(ReadOnlySpan<byte> data)
    {
        const int BlockLength = StripeLength * StripesPerBlock;
        const int LastStripeOffset = 121;

        Span<ulong> sums = [Prime32C, Prime64A, Prime64B, Prime64C, Prime64D, Prime32B, Prime64E, Prime32A];
        var blocks = (data.Length - 1) / BlockLength;
        for (var block = 0; block < blocks; block++)
        {
            AccumulateStripes(sums, data.Slice(block * BlockLength, BlockLength), StripesPerBlock);
            Scramble(sums);
        }

        AccumulateStripes(sums, data[(blocks * BlockLength)..], (data.Length - 1) % BlockLength / StripeLength);
        Accumulate(sums, data[^StripeLength..], LastStripeOffset);
        return Merge(sums, (ulong)data.Length * Prime64A);
    }

    private static void AccumulateStripes(Span<ulong> sums, ReadOnlySpan<byte> data, int stripes)
    {
        for (var stripe = 0; stripe < stripes; stripe++)
        {
            Accumulate(sums, data[(stripe * StripeLength)..], stripe * SecretStep);
        }
    }

    private static void Accumulate(Span<ulong> sums, ReadOnlySpan<byte> stripe, int secretOffset)
    {
        for (var i = 0; i < sums.Length; i++)
        {
            var value = Load64(stripe[(8 * i)..]);
            var key = value ^ Secret64(secretOffset + (8 * i));
            sums[i ^ 1] += value;
            sums[i] += (uint)key * (key >> 32);
        }
    }

    private static void Scramble(Span<ulong> sums)
    {
        const int ScrambleOffset = 128;
        for (var i = 0; i < sums.Length; i++)
        {
            sums[i] = (sums[i] ^ (sums[i] >> 47) ^ Secret64(ScrambleOffset + (8 * i))) * Prime32A;
        }
    }

    private static ulong Merge(ReadOnlySpan<ulong> sums, ulong start)
    {
        const int MergeOffset = 11;
        for (var i = 0; i < sums.Length; i += 2)
        {
            var offset = MergeOffset + (8 * i);
            start += Fold(sums[i] ^ Secret64(offset), sums[i + 1] ^ Secret64(offset + 8));
        }

        return Avalanche(start);
    }

    private static ulong Mix(ReadOnlySpan<byte> data, int secretOffset) =>
        Fold(Load64(data) ^ Secret64(secretOffset), Load64(data[8..]) ^ Secret64(secretOffset + 8));

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return low ^ high;
    }

    private static ulong Avalanche(ulong hash)
    {
        hash ^= hash >> 37;
        hash *= MixA;
        return hash ^ (hash >> 32);
    }

    private static ulong Finish(ulong hash)
    {
        hash ^= hash >> 33;
        hash *= Prime64B;
        hash ^= hash >> 29;
        hash *= Prime64C;
        return hash ^ (hash >> 32);
    }

    private static ulong Secret64(int offset) => Load64(Secret[offset..]);

    private static ulong Load64(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt64LittleEndian(data);

    private static uint Load32(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt32LittleEndian(data);
}
