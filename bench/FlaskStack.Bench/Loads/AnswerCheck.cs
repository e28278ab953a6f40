using System.Net.Sockets;

namespace FlaskStack.Bench.Loads;

/// <summary>Compares an answer with what it must be, byte by byte.</summary>
internal static class AnswerCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Asks once, as wrk does.</summary>
    /// <param name="port">Where.</param>
    /// <param name="request">What.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many bytes the answer takes on the connection, and what is wrong with it, or null.</returns>
    public static async Task<(int WireLength, string? Problem)> AskAsync(int port, LoadRequest request, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            var answer = await RawClient.SendAsync(port, RawClient.Bytes(port, request, lastOfConnection: false), deadline.Token);
            return (answer.WireLength, Problem(request, answer));
        }
        catch (Exception exception) when (exception is SocketException or FormatException)
        {
            return (0, exception.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (0, "There was no answer.");
        }
    }

    /// <summary>What is wrong with an answer; null when nothing is.</summary>
    public static string? Problem(LoadRequest request, HttpAnswer answer) => answer switch
    {
        { Status: not 200 } => $"The status is {answer.Status}.",
        _ when request.Answer is { } expected && !answer.Body.AsSpan().SequenceEqual(expected) => "The body is another.",
        _ => null,
    };
}
