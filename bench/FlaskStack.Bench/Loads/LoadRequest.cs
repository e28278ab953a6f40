using System.Text;

namespace FlaskStack.Bench.Loads;

/// <summary>A request and the answer there must be to it.</summary>
/// <param name="Title">What tables call it.</param>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its path.</param>
/// <param name="Body">JSON to send, or none.</param>
/// <param name="Answer">The body of the answer; null when it is not known before.</param>
internal sealed record LoadRequest(string Title, string Method, string Path, byte[]? Body, byte[]? Answer)
{
    private const int SmallBody = 16;
    private const int LargeBody = 100 * 1024;

    /// <summary><c>GET /</c>.</summary>
    public static LoadRequest Hello { get; } = new("GET /", "GET", "/", null, "Hello World!"u8.ToArray());

    /// <summary><c>POST /server</c> with little data.</summary>
    public static LoadRequest Small { get; } = Post("POST /server", SmallBody);

    /// <summary><c>POST /server</c> with 100 KiB of data.</summary>
    public static LoadRequest Large { get; } = Post("POST /server 100 KB", LargeBody);

    /// <summary>Asks for a path, whatever the answer.</summary>
    public static LoadRequest Get(string path) => new(path, "GET", path, null, null);

    /// <summary>Data that no part of which is like another.</summary>
    private static LoadRequest Post(string title, int length)
    {
        const string letters = "abcdefghijklmnopqrstuvwxyz0123456789";
        var data =
            new string([.. Enumerable.Range(0, length).Select(index => letters[(index + (index / letters.Length)) % letters.Length])]);
        return new(title, "POST", "/server", Encoding.ASCII.GetBytes($$"""{"data":"{{data}}"}"""), Encoding.ASCII.GetBytes(data));
    }
}
