using System.Diagnostics;
using System.Globalization;
using FlaskStack.ServiceDefaults;
using Microsoft.Extensions.Configuration;

namespace FlaskStack.Tests.ServiceDefaults;

/// <summary>What a service sends to systemd.</summary>
public sealed class SystemdTests
{
    private const string Alive = "WATCHDOG=1";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_service_says_when_it_is_ready_that_it_is_alive_and_when_it_stops(bool isAbstract)
    {
        using var systemd = new NotifySocketListener(isAbstract);
        using var service = await Service.StartAsync(systemd.Name);

        Assert.Equal("READY=1", await systemd.NextAfterAsync(Alive));
        Assert.Equal(Alive, await systemd.NextAsync());
        Assert.Equal(Alive, await systemd.NextAsync());
        await Signals.SendAsync("TERM", service.ProcessId);

        Assert.Equal("STOPPING=1", await systemd.NextAfterAsync(Alive));
        Assert.Equal(0, await service.ExitAsync());
    }

    [Fact]
    public async Task A_service_goes_on_without_a_receiver_and_logs_for_the_journal()
    {
        using var service = await Service.StartAsync("/nowhere/at/all");

        await service.UntilWritesAsync("<4>FlaskStack.ServiceDefaults.SystemdWatchdog[2]");
        await service.UntilWritesAsync("<4>FlaskStack.ServiceDefaults.SystemdWatchdog[2]");
        await Signals.SendAsync("TERM", service.ProcessId);

        Assert.Equal(0, await service.ExitAsync());
    }

    [Theory]
    [InlineData("30000000", null, 30.0)]
    [InlineData("30000000", "own", 30.0)]
    [InlineData("30000000", "1", null)]
    [InlineData("0", "own", null)]
    [InlineData("soon", "own", null)]
    [InlineData(null, "own", null)]
    public void Takes_the_watchdog_that_is_meant_for_it(string? microseconds, string? process, double? seconds)
    {
        var own = process == "own" ? Environment.ProcessId.ToString(CultureInfo.InvariantCulture) : process;
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("WATCHDOG_USEC", microseconds), new("WATCHDOG_PID", own)])
            .Build();

        Assert.Equal(seconds, SystemdWatchdog.IntervalOf(configuration, Environment.ProcessId)?.TotalSeconds);
    }

    /// <summary>The API as a child of a process named systemd, by which a service knows that systemd started it.</summary>
    private sealed class Service : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("systemd-");
        private readonly Process _parent;

        private Service(string notifySocket)
        {
            var systemd = Path.Combine(_folder.FullName, "systemd");
            File.Copy("/bin/sh", systemd);
            var api = Path.Combine(AppContext.BaseDirectory, "FlaskStack.Api");
            _parent = Process.Start(new ProcessStartInfo(systemd, ["-c", "\"$0\" & echo $!; wait $!", api])
            {
                RedirectStandardOutput = true,
                WorkingDirectory = AppContext.BaseDirectory,
                Environment =
                {
                    ["ASPNETCORE_URLS"] = $"http://unix:{Path.Combine(_folder.FullName, "api.sock")}",
                    ["NOTIFY_SOCKET"] = notifySocket,
                    ["WATCHDOG_USEC"] = "300000",
                },
            })!;
        }

        public int ProcessId { get; private set; }

        public static async Task<Service> StartAsync(string notifySocket)
        {
            var service = new Service(notifySocket);
            service.ProcessId = int.Parse((await service.ReadLineAsync())!, CultureInfo.InvariantCulture);
            return service;
        }

        public async Task UntilWritesAsync(string text)
        {
            string? line;
            do
            {
                line = await ReadLineAsync();
                Assert.NotNull(line);
            }
            while (!line.Contains(text, StringComparison.Ordinal));
        }

        public async Task<int> ExitAsync()
        {
            using var deadline = new CancellationTokenSource(Deadline);
            await _parent.StandardOutput.ReadToEndAsync(deadline.Token);
            await _parent.WaitForExitAsync(deadline.Token);
            return _parent.ExitCode;
        }

        public void Dispose()
        {
            _parent.Kill(entireProcessTree: true);
            _parent.WaitForExit();
            _parent.Dispose();
            _folder.Delete(recursive: true);
        }

        private async Task<string?> ReadLineAsync()
        {
            using var deadline = new CancellationTokenSource(Deadline);
            return await _parent.StandardOutput.ReadLineAsync(deadline.Token);
        }
    }
}
