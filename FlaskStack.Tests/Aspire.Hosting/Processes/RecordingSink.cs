using System.Threading.Channels;
using Aspire.Hosting.Orchestration.Processes;

namespace FlaskStack.Tests.Hosting.Processes;

/// <summary>Keeps what a process printed, and lets a test wait for the next line.</summary>
internal sealed class RecordingSink : IConsoleSink
{
    private readonly Channel<string> _unread = Channel.CreateUnbounded<string>();
    private readonly List<(string Text, bool IsError)> _lines = [];

    public IReadOnlyList<(string Text, bool IsError)> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public IEnumerable<string> Texts => Lines.Select(line => line.Text);

    public void Write(DateTime utc, string line, bool isError)
    {
        lock (_lines)
        {
            _lines.Add((line, isError));
        }

        _unread.Writer.TryWrite(line);
    }

    public Task<string> NextAsync() => _unread.Reader.ReadAsync().AsTask().InTime();

    public async Task<int> NextIdAsync() => int.Parse(await NextAsync(), System.Globalization.CultureInfo.InvariantCulture);
}
