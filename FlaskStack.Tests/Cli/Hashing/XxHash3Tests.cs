using System.Globalization;
using System.Text;
using Aspire.Hosting.Cli.Hashing;

namespace FlaskStack.Tests.Cli.Hashing;

public sealed class XxHash3Tests
{
    [Theory]
    [InlineData("", "2D06800538D394C2")]
    [InlineData("a", "E6C632B61E964E1F")]
    [InlineData("abc", "78AF5F94892F3950")]
    public void Hashes_text_as_the_reference_does(string text, string expected) =>
        Assert.Equal(expected, XxHash3.Hash(Encoding.UTF8.GetBytes(text)).ToString("X16", CultureInfo.InvariantCulture));

    // One length for each way of hashing, and for a long input with a remainder.
    [Theory]
    [InlineData(5, "998620E10E3A4B37")]
    [InlineData(12, "6829454BE0CC3199")]
    [InlineData(37, "C8F37B3B485E6B8B")]
    [InlineData(100, "B5937857F0D78C9F")]
    [InlineData(200, "746CD0025327BF5B")]
    [InlineData(241, "8BEADD3A8874FE17")]
    [InlineData(500, "B8BC3E5683CE226A")]
    [InlineData(1100, "8E7EC0C060BBE423")]
    public void Hashes_bytes_of_every_length_as_the_reference_does(int length, string expected)
    {
        byte[] data = [.. Enumerable.Range(0, length).Select(static i => (byte)((7 * i) + 3))];

        Assert.Equal(expected, XxHash3.Hash(data).ToString("X16", CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Tells_apart_what_differs_in_one_byte_at_every_length()
    {
        var hashes = Enumerable.Range(1, 2100).SelectMany(static length => new[] { XxHash3.Hash(new byte[length]), XxHash3.Hash([.. new byte[length - 1], 1]) });

        Assert.Equal(4200, hashes.Distinct().Count());
    }
}
