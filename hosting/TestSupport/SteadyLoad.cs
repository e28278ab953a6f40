using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace TestSupport;

/// <summary>Clients that ask without a pause over kept connections, and remember what went wrong.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private const int ClientsOfEach = 8;

    /// <summary>Only a hang takes this long.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _client;
    private readonly Task _clients;
    private readonly ConcurrentQueue<string> _failedGets = [];
    private readonly ConcurrentQueue<string> _failedPosts = [];
    private readonly SemaphoreSlim _more = new(0);
    private long _answers;

    private SteadyLoad(Uri address)
    {
        _client = new HttpClient(new RepeatingHandler(new SocketsHttpHandler { UseProxy = false }))
        {
            BaseAddress = address,
            Timeout = Deadline,
        };
        _clients = Task.WhenAll(Enumerable.Range(0, ClientsOfEach).SelectMany(_ => new[]
        {
            Task.Run(() => AskAsync(Get, _failedGets)),
            Task.Run(() => AskAsync(Post, _failedPosts)),
        }));
    }

    public IReadOnlyCollection<string> FailedGets => _failedGets;

    public IReadOnlyCollection<string> FailedPosts => _failedPosts;

    public long Answers => Interlocked.Read(ref _answers);

    /// <summary>Lets the clients see how things are now.</summary>
    public async Task AnswerMoreAsync()
    {
        const int enough = 500;
        while (_more.Wait(0))
        {
            // What was answered before does not count.
        }

        for (var i = 0; i < enough; i++)
        {
            Assert.True(await _more.WaitAsync(Deadline), "The service answers no more.");
        }
    }

    public static SteadyLoad Start(Uri address) => new(address);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _clients;
        _client.Dispose();
        _end.Dispose();
        _more.Dispose();
    }

    private static HttpRequestMessage Get() => new(HttpMethod.Get, "/");

    private static HttpRequestMessage Post() =>
        new(HttpMethod.Post, "/server") { Content = new StringContent("""{"data":"load"}""", Encoding.UTF8, "application/json") };

    private async Task AskAsync(Func<HttpRequestMessage> request, ConcurrentQueue<string> failures)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using var message = request();
                using var response = await _client.SendAsync(message);
                Interlocked.Increment(ref _answers);
                _more.Release();
                if (response.StatusCode != HttpStatusCode.OK)
                {
                    failures.Enqueue($"{(int)response.StatusCode}");
                }
            }
            catch (HttpRequestException exception)
            {
                failures.Enqueue(exception.ToString());
            }
        }
    }
}
