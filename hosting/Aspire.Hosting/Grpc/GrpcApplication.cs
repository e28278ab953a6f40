using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Grpc;

/// <summary>Answers every request of a server as a gRPC call: finds its method, and tells the peer how the call ended.</summary>
/// <param name="methods">What can be called.</param>
/// <param name="authorize">Says by its headers whether a call is allowed. Asked first, before anything else is told to the peer.</param>
/// <param name="time">Measures deadlines.</param>
/// <param name="logger">Where failures of methods are logged, of which the peer is told nothing.</param>
/// <param name="stopping">Ends the calls that are under way.</param>
internal sealed partial class GrpcApplication(
    IEnumerable<GrpcMethod> methods,
    Func<IHeaderDictionary, bool> authorize,
    TimeProvider time,
    ILogger logger,
    CancellationToken stopping) : IHttpApplication<HttpContext>
{
    // A timer takes no longer time; a call that may last for weeks has no deadline to speak of.
    private static readonly TimeSpan LongestDeadline = TimeSpan.FromDays(30);

    private readonly FrozenDictionary<string, GrpcMethod> _methods = methods.ToFrozenDictionary(static method => method.Path, StringComparer.Ordinal);

    private readonly ConcurrentDictionary<HttpContext, Task> _calls = [];

    /// <summary>Gets a task that completes when the calls of now have ended and their peers have been told.</summary>
    public Task CallsEnded => Task.WhenAll(_calls.Values);

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // Nothing is held beyond the request.
    }

    public Task ProcessRequestAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }

        if (!GrpcHeaders.IsGrpc(context.Request.ContentType))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return Task.CompletedTask;
        }

        context.Response.ContentType = GrpcHeaders.ContentType;
        context.Response.Headers[GrpcHeaders.AcceptEncoding] = GrpcHeaders.Identity;
        return AnswerAsync(context);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[context] = ended.Task;
        try
        {
            await CallAsync(context).ConfigureAwait(false);
            await context.Response.CompleteAsync().ConfigureAwait(false);
        }
        finally
        {
            _calls.TryRemove(context, out _);
            ended.SetResult();
        }
    }

    private async Task CallAsync(HttpContext context)
    {
        using var deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping, deadline.Token);
        try
        {
            var method = Find(context);
            SetDeadline(context, deadline);
            ending.Token.ThrowIfCancellationRequested();
            await method.AnswerAsync(context, ending.Token).ConfigureAwait(false);
            End(context, GrpcStatusCode.Ok, string.Empty);
        }
        catch (GrpcException exception)
        {
            End(context, exception.Status, exception.Message);
        }
        catch (Exception exception) when (deadline.IsCancellationRequested && IsEnding(exception))
        {
            End(context, GrpcStatusCode.DeadlineExceeded, "The call took longer than the caller allows.");
        }
        catch (Exception exception) when (stopping.IsCancellationRequested && IsEnding(exception))
        {
            End(context, GrpcStatusCode.Unavailable, "The application is stopping.");
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested && IsEnding(exception))
        {
            // Nobody is left to be told.
        }
        catch (Exception exception)
        {
            Log.MethodFailed(logger, context.Request.Path.Value ?? string.Empty, exception);
            End(context, GrpcStatusCode.Internal, "The call failed; the log of the AppHost says why.");
        }
    }

    private GrpcMethod Find(HttpContext context)
    {
        if (!authorize(context.Request.Headers))
        {
            throw new GrpcException(GrpcStatusCode.Unauthenticated, "The key is missing or wrong.");
        }

        return _methods.TryGetValue(context.Request.Path.Value ?? string.Empty, out var method)
            ? method
            : throw new GrpcException(GrpcStatusCode.Unimplemented, "There is no such method.");
    }

    private static void SetDeadline(HttpContext context, CancellationTokenSource deadline)
    {
        if (GrpcTimeout.Parse(context.Request.Headers[GrpcHeaders.Timeout]) is { } timeout && timeout < LongestDeadline)
        {
            deadline.CancelAfter(timeout);
        }
    }

    /// <summary>A closed connection shows in several ways: as a cancellation, or as a read or write that fails.</summary>
    private static bool IsEnding(Exception exception) => exception is OperationCanceledException or IOException;

    /// <summary>Where nothing has been sent yet, the status goes into the headers, and the peer knows that nothing will follow.</summary>
    private static void End(HttpContext context, GrpcStatusCode status, string message)
    {
        Tell(GrpcHeaders.Status, ((int)status).ToString(CultureInfo.InvariantCulture));
        if (message.Length > 0)
        {
            Tell(GrpcHeaders.Message, GrpcStatusMessage.Encode(message));
        }

        void Tell(string name, string value)
        {
            if (context.Response.HasStarted)
            {
                context.Response.AppendTrailer(name, value);
            }
            else
            {
                context.Response.Headers[name] = value;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The gRPC call {Path} failed.")]
        public static partial void MethodFailed(ILogger logger, string path, Exception exception);
    }
}
