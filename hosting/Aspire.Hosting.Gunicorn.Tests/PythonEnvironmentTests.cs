using System.Diagnostics;
using System.Runtime.Versioning;
using Aspire.Hosting.Gunicorn.Configuration;
using Aspire.Hosting.Gunicorn.Provisioning;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Gunicorn.Tests;

/// <summary>Where gunicorn comes from.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PythonEnvironmentTests : IDisposable
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TemporaryFolder _folder = new();
    private readonly string _app;
    private readonly string _bin;

    public PythonEnvironmentTests()
    {
        _app = Directory.CreateDirectory(_folder["app"]).FullName;
        _bin = Directory.CreateDirectory(_folder["bin"]).FullName;
    }

    [Fact]
    public async Task Uses_the_environment_of_the_folder_before_the_gunicorn_of_the_machine()
    {
        WriteProgram(_bin, "gunicorn", "exit 0");
        Assert.Equal(Path.Join(_bin, "gunicorn"), (await PrepareAsync()).Path);

        WriteEnvironment("venv");
        var program = await PrepareAsync();

        Assert.Equal(Path.Join(_app, "venv/bin/gunicorn"), program.Path);
        Assert.Equal(Path.Join(_app, "venv"), program.VirtualEnvironment);
    }

    [Fact]
    public async Task Says_in_one_line_that_there_is_no_gunicorn()
    {
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => PrepareAsync());

        Assert.Contains("apt-get install gunicorn", error.Message, StringComparison.Ordinal);
        Assert.Contains("requirements.txt", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task Says_in_one_line_and_quickly_that_an_environment_cannot_be_made()
    {
        File.WriteAllText(Path.Join(_app, "requirements.txt"), "flask\n");
        var calls = _folder["calls"];
        WriteProgram(_bin, "python3", $$"""
            if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python3"; touch "$3/pyvenv.cfg"; exit 0; fi
            echo "$@" >> {{calls}}
            echo "ERROR: No matching distribution found for flask" >&2
            exit 1
            """);
        var watch = Stopwatch.StartNew();

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => PrepareAsync());

        Assert.Contains("No matching distribution found for flask", error.Message, StringComparison.Ordinal);
        Assert.Contains("package index", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
        Assert.False(Directory.Exists(Path.Join(_app, ".venv")));

        // One of the machine will do, and a restart tries only other requirements.
        WriteProgram(_bin, "gunicorn", "exit 0");
        var environment = Environment();
        await PrepareAsync(environment);
        File.Delete(calls);
        Assert.Equal(Path.Join(_bin, "gunicorn"), (await PrepareAsync(environment)).Path);
        Assert.False(File.Exists(calls));
        File.AppendAllText(Path.Join(_app, "requirements.txt"), "gevent\n");
        await PrepareAsync(environment);
        Assert.True(File.Exists(calls));
    }

    [Fact]
    public async Task Makes_an_environment_once_and_again_when_the_requirements_have_changed()
    {
        var requirements = Path.Join(_app, "requirements.txt");
        var calls = _folder["calls"];
        File.WriteAllText(requirements, "flask\n");
        WriteProgram(_bin, "uv", $"""
            echo "$@" >> {calls}
            if [ "$1" = venv ]; then mkdir -p "$2/bin"; touch "$2/pyvenv.cfg"; else touch {_app}/.venv/bin/gunicorn; fi
            """);

        await PrepareAsync();
        await PrepareAsync();
        File.AppendAllText(requirements, "gevent\n");
        var program = await PrepareAsync();

        Assert.Equal(Path.Join(_app, ".venv/bin/gunicorn"), program.Path);
        var install = $"pip install --python {_app}/.venv/bin/python3 -r requirements.txt gunicorn";
        Assert.Equal([$"venv {_app}/.venv", install, install], File.ReadAllLines(calls));
    }

    [Fact]
    public async Task Leaves_an_environment_of_another_maker_alone()
    {
        File.WriteAllText(Path.Join(_app, "requirements.txt"), "flask\n");
        WriteEnvironment(".venv");
        File.Delete(Path.Join(_app, ".venv/bin/gunicorn"));

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => PrepareAsync());

        Assert.Contains("-m pip install gunicorn", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_a_program_in_the_settings_that_does_not_exist()
    {
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => PrepareAsync("/no/gunicorn"));

        Assert.Contains("Gunicorn:Path is /no/gunicorn", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private PythonEnvironment Environment(string? given = null) => new(new GunicornAnnotation(_app, "wsgi:app"), given, _bin);

    private Task<GunicornProgram> PrepareAsync(string? given = null) => PrepareAsync(Environment(given));

    private static Task<GunicornProgram> PrepareAsync(PythonEnvironment environment) =>
        environment.PrepareAsync(NullLogger.Instance, CancellationToken.None);

    private void WriteEnvironment(string name)
    {
        var bin = Directory.CreateDirectory(Path.Join(_app, name, "bin")).FullName;
        File.WriteAllText(Path.Join(_app, name, "pyvenv.cfg"), "");
        WriteProgram(bin, "gunicorn", "exit 0");
    }

    private static void WriteProgram(string folder, string name, string script)
    {
        var file = Path.Join(folder, name);
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(file, Executable);
    }
}
