using System.Diagnostics;
using Virt.Connections;
using Virt.Remote;
using Virt.Storage;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>Attacks of a client that has the class storage and nothing else: where it makes, looks at and deletes files.</summary>
public sealed class StorageClassTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_class_storage_works_in_the_folders_that_an_administrator_names_and_nowhere_else()
    {
        using var other = new OtherUser();
        using var folder = new TestFolder();
        SeparateUser.Let(folder.Path);
        string store = OtherUser.MakeSharedFolder(folder.File("store")), outside = OtherUser.MakeSharedFolder(folder.File("outside"));
        string closed = folder.File("closed");
        Directory.CreateDirectory(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(closed, "there"), "secret", Cancel);
        await LinkAsync(closed, Path.Combine(store, "way"));
        await LinkAsync(Path.Combine(closed, "there"), Path.Combine(store, "link.iso"));
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(config: $$"""
            {
              "unix": { "mode": "0666" }, "storage": { "folders": ["{{store}}"] },
              "access": { "roles": { "images": ["read", "storage"] }, "rules": [{ "unixUsers": ["nobody"], "role": "images" }] }
            }
            """);
        SeparateUser.Let(daemon.Root);

        foreach (string path in (string[])[Path.Combine(outside, "x"), Path.Combine(closed, "there"), Path.Combine(closed, "absent"), "/etc/cron.d/x", "/etc/shadow"])
        {
            string words = $"error 29: '{path}' is not in a folder for images";
            Assert.StartsWith(words, await RefusedAsync(RemoteProcedure.CreateCloudInitSeed, [new object?[] { path, "a", "b", null, null }]), StringComparison.Ordinal);
            Assert.StartsWith(words, await RefusedAsync(RemoteProcedure.CreateImage, [new object?[] { path, "raw", 4096, null, null }]), StringComparison.Ordinal);
            Assert.StartsWith(words, await RefusedAsync(RemoteProcedure.CreateImage, [new object?[] { "overlay", "qcow2", 0, path, "raw" }]), StringComparison.Ordinal);
            Assert.StartsWith(words, await RefusedAsync(RemoteProcedure.GetImage, path), StringComparison.Ordinal);
            Assert.Contains("is not in a folder for images", await RefusedAsync(RemoteProcedure.DeleteImage, path), StringComparison.Ordinal);
        }

        // The client's own links lead nowhere.
        foreach (string path in (string[])[Path.Combine(store, "way/x"), Path.Combine(store, "link.iso")])
        {
            await RefusedAsync(RemoteProcedure.CreateCloudInitSeed, [new object?[] { path, "a", "b", null, null }]);
            await RefusedAsync(RemoteProcedure.CreateImage, [new object?[] { path, "raw", 4096, null, null }]);
            await RefusedAsync(RemoteProcedure.GetImage, path);
            await RefusedAsync(RemoteProcedure.DeleteImage, path);
        }

        Assert.Equal(["there"], Directory.EnumerateFileSystemEntries(closed).Select(Path.GetFileName));
        Assert.Equal("secret", await File.ReadAllTextAsync(Path.Combine(closed, "there"), Cancel));
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));

        foreach (string name in (string[])["mine.img", Path.Combine(store, "mine.img")])
        {
            await GrantedAsync(RemoteProcedure.CreateImage, [new object?[] { name, "raw", 4096, null, null }]);
            await GrantedAsync(RemoteProcedure.GetImage, name);
            await GrantedAsync(RemoteProcedure.DeleteImage, name);
            await GrantedAsync(RemoteProcedure.CreateCloudInitSeed, [new object?[] { name + ".iso", "a", "b", null, null }]);
        }

        // A FIFO in the place of a seed makes nobody wait.
        string fifo = Path.Combine(store, "fifo.iso");
        using (Process made = Process.Start("mkfifo", ["-m", "666", fifo]))
            await made.WaitForExitAsync(Cancel);
        Assert.Contains("is not a cloud-init seed", await RefusedAsync(RemoteProcedure.CreateCloudInitSeed, [new object?[] { fifo, "a", "b", null, null }]), StringComparison.Ordinal);
        Assert.Contains("is a FIFO and no image", await RefusedAsync(RemoteProcedure.GetImage, fifo), StringComparison.Ordinal);

        // Root on this host may name any path, as anywhere else on it.
        await using VirtConnection root = await daemon.ConnectAsync();
        ImageRecord image = await root.Storage.CreateImageAsync(new ImageRequest(Path.Combine(closed, "root.img"), "raw", 4096), Cancel);
        Assert.Equal(4096, (await root.Storage.GetImageAsync(image.Path, Cancel)).Capacity);

        async Task<string> RefusedAsync(int procedure, params object?[] arguments)
        {
            (int exitCode, _, string error) = await other.CallAsync(daemon.Socket, procedure, arguments);
            Assert.True(exitCode != 0 && error.StartsWith("error", StringComparison.Ordinal), error);
            return error;
        }

        async Task GrantedAsync(int procedure, params object?[] arguments)
        {
            (int exitCode, _, string error) = await other.CallAsync(daemon.Socket, procedure, arguments);
            Assert.True(exitCode == 0, error);
        }
    }

    private static async Task LinkAsync(string target, string link)
    {
        using Process made = Process.Start("/usr/bin/setpriv", ["--reuid=nobody", "--regid=nogroup", "--clear-groups", "ln", "-s", target, link]);
        await made.WaitForExitAsync(Cancel);
        Assert.Equal(0, made.ExitCode);
    }
}
