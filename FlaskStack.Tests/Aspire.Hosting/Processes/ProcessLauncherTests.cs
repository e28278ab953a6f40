using System.Globalization;
using System.Runtime.Versioning;
using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Configuration;

namespace FlaskStack.Tests.Hosting.Processes;

[SupportedOSPlatform("linux")]
public sealed class ProcessLauncherTests
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Fact]
    public async Task Names_a_program_that_is_not_in_PATH()
    {
        await using var pad = new Launchpad();

        var exception = Assert.Throws<ProcessStartException>(() => pad.Start(pad.Spec("no-such-program")));

        Assert.Contains("no executable 'no-such-program' in PATH", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_a_file_that_is_missing()
    {
        await using var pad = new Launchpad();

        var exception = Assert.Throws<ProcessStartException>(() => pad.Start(pad.Spec("./missing")));

        Assert.Contains($"'{pad.Folder["missing"]}' does not exist", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_how_to_make_a_file_executable()
    {
        await using var pad = new Launchpad();
        var path = pad.Folder.WriteFile("plain", "text");

        var exception = Assert.Throws<ProcessStartException>(() => pad.Start(pad.Spec(path)));

        Assert.Contains($"chmod +x '{path}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_a_folder_given_as_a_program()
    {
        await using var pad = new Launchpad();

        var exception = Assert.Throws<ProcessStartException>(() => pad.Start(pad.Spec(pad.Folder.Path)));

        Assert.Contains("is a folder", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#!/no/such/shell\n", "/no/such/shell")]
    [InlineData("#!/bin/sh\r\necho hello\r\n", "/bin/sh\\r")]
    public async Task Names_an_interpreter_that_is_missing(string text, string interpreter)
    {
        await using var pad = new Launchpad();
        var path = pad.Folder.WriteFile("script", text);
        File.SetUnixFileMode(path, Executable);

        var exception = Assert.Throws<ProcessStartException>(() => pad.Start(pad.Spec(path)));

        Assert.Contains($"'{interpreter}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_a_working_directory_that_is_missing()
    {
        await using var pad = new Launchpad();

        var exception = Assert.Throws<ProcessStartException>(() => pad.Start(pad.Shell("true") with { WorkingDirectory = pad.Folder["gone"] }));

        Assert.Contains(pad.Folder["gone"], exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Finds_programs_in_the_PATH_given_to_the_child()
    {
        await using var pad = new Launchpad();
        File.SetUnixFileMode(pad.Folder.WriteFile("own-tool", "#!/bin/sh\nexit 9\n"), Executable);

        var child = pad.Start(pad.Spec("own-tool") with { Environment = new Dictionary<string, string?> { ["PATH"] = pad.Folder.Path } });

        Assert.Equal(9, (await child.Exit.InTime()).Code);
    }

    [Fact]
    public async Task Finds_relative_paths_from_the_working_directory()
    {
        await using var pad = new Launchpad();
        File.SetUnixFileMode(pad.Folder.WriteFile("tool", "#!/bin/sh\nexit 8\n"), Executable);

        Assert.Equal(8, (await pad.Start(pad.Spec("./tool")).Exit.InTime()).Code);
    }

    [Fact]
    public async Task Passes_arguments_as_they_are()
    {
        await using var pad = new Launchpad();

        await pad.Start(pad.Spec("printf", "%s\\n", "--", "a b", "", "\"$x\"", "*")).OutputEnd.InTime();

        Assert.Equal(["--", "a b", "", "\"$x\"", "*"], pad.Sink.Texts);
    }

    [Fact]
    public async Task Children_let_each_other_finish_before_they_run()
    {
        await using var pad = new Launchpad();

        var child = pad.Start("cut -d ' ' -f 41 /proc/self/stat");

        Assert.Equal(((int)SchedulingPolicy.Batch).ToString(CultureInfo.InvariantCulture), await pad.Sink.NextAsync());
        Assert.Equal(0, (await child.Exit.InTime()).Code);
        Assert.Equal((int)SchedulingPolicy.Other, NativeMethods.GetScheduler(0));
    }

    [Theory]
    [InlineData("fifo")]
    [InlineData("0")]
    public void Names_a_policy_that_it_does_not_know(string text)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(ChildScheduling.Key, text)]).Build();

        var exception = Assert.Throws<Aspire.Hosting.DistributedApplicationException>(() => new ChildScheduling(configuration));

        Assert.Equal($"{ChildScheduling.Key} is '{text}'; it must be 'batch' or 'other'.", exception.Message);
    }
}
